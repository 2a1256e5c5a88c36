import Type, { type Static } from 'typebox';
import { Nullable, oneOf, personal, Timestamp, Uuid, worded } from '#kernel/schema.ts';
import { causes } from './causes/cause.ts';
import { type SenderDecision, senderDecisions } from './sender/decide-for-sender.ts';
import { outcomes, type StepState, stepMoves, type WatchState, watchMoves } from './states.ts';
import { turnsTo } from './types.ts';

const Count = Type.Integer({ minimum: 0 });

const Choice = Type.Unsafe<SenderDecision['decision']>(oneOf(Object.keys(senderDecisions)));
/** Words on one line or more, with something to read in them. */
const words = (maxLength: number, pattern: string, violation: string, description: string) =>
  worded(personal(Type.String({ maxLength, pattern, description })), { violation: { pattern: violation } });

/** What a sender decides of post that lies unread. */
export const DecisionRequest = Type.Object({
  decision: Choice,
  name: words(
    200,
    '^\\P{Cc}*[^\\s\\p{Cc}]\\P{Cc}*$',
    'A name stands on one line and is not blank.',
    'Who decides for the sender: a person, by name.',
  ),
  reason: words(2000, '\\S', 'The reason is blank.', 'Why.'),
});

const DecisionView = Type.Object({ decision: Choice, name: personal(Type.String()), reason: personal(Type.String()), at: Timestamp });

/** A watch as its sender sees it. */
export const WatchView = Type.Object({
  about: Uuid,
  state: Type.Unsafe<WatchState>(oneOf(Object.keys(watchMoves))),
  class: oneOf(['UNREACHABLE', 'GRANTABLE', 'COLD', 'REACHABLE', 'PROVEN', 'UNKNOWN']),
  openers: Count,
  grantors: Count,
  attachmentLocked: Type.Boolean(),
  computedAt: Timestamp,
  begunAt: Timestamp,
  publishedAt: Nullable(Timestamp),
  openedAt: Nullable(Timestamp),
  /** When a system at the recipient took it first, of a service that demands a person: it lies there all the same. */
  fetchedBySystemAt: Nullable(Timestamp),
  confirmedAt: Nullable(Timestamp),
  confirmNeeded: Type.Boolean(),
  dueAt: Nullable(Timestamp),
  cause: Nullable(oneOf(causes)),
  /** One after the other, since it was a day old; the last has no end while it is open. */
  causes: Type.Array(Type.Object({ cause: oneOf(causes), from: Timestamp, to: Nullable(Timestamp) })),
  noticeDueAt: Nullable(Timestamp),
  nextAction: Nullable(Type.String()),
  nextActionAt: Nullable(Timestamp),
  ladder: Type.Object({ name: Type.String(), version: Type.Integer() }),
  steps: Type.Array(
    Type.Object({
      name: Type.String(),
      who: oneOf(turnsTo),
      source: oneOf(['policy', 'sender']),
      dueAt: Timestamp,
      state: Type.Unsafe<StepState>(oneOf(Object.keys(stepMoves))),
      reason: Nullable(Type.String()),
      changedAt: Timestamp,
    }),
  ),
  failure: Nullable(
    Type.Object(
      { at: Timestamp, reason: Type.String() },
      { description: 'It will never reach its recipient; the watch ends when the sender has been told.' },
    ),
  ),
  decision: Nullable(DecisionView),
  outcome: Nullable(oneOf(outcomes)),
  settledAt: Nullable(Timestamp),
});
export type WatchView = Static<typeof WatchView>;

/** Post that lies where nobody can open it, or an attachment of it: who sent it, since when, and which right is missing. Nothing of what it is about. */
export const SealedView = Type.Object({
  sealed: Type.Array(
    Type.Object({
      /** By which access to it is given in one step. It opens nothing. */
      id: Uuid,
      party: Type.Object({ id: Uuid, name: Type.String(), number: Nullable(Type.String()) }),
      sender: Type.Object({ name: Type.String(), organizationNumber: Nullable(Type.String()) }),
      publishedAt: Timestamp,
      ageDays: Count,
      confidential: Type.Boolean(),
      /** Somebody can open the message, and an attachment of it nobody who can: the right is that of the attachment. */
      attachmentLocked: Type.Boolean(),
      /** Its sender lets it lie unread: nobody is told of it any more, and whoever is let in can open it. */
      isLetLie: Type.Boolean(),
      right: Type.Object({
        /** Access packages, any of which opens it. Empty: the right to the resource itself is needed. */
        packages: Type.Array(Type.String()),
        resource: Nullable(Type.String()),
        resourceTitle: Nullable(Type.Object({ nb: Type.String(), nn: Type.String(), en: Type.String() })),
      }),
      /** What a sender has asked for that would open it: to be approved or rejected as requests are. */
      requests: Type.Array(
        Type.Object({
          id: Uuid,
          to: Type.Object({ id: Uuid, name: personal(Type.String()) }),
          requestedBy: Type.String(),
          package: Nullable(Type.String()),
          createdAt: Timestamp,
        }),
      ),
    }),
  ),
  /** Give it back as `after` to go on; null when there is no more. */
  next: Nullable(Type.String()),
});
export type SealedView = Static<typeof SealedView>;
