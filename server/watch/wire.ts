import Type, { type Static } from 'typebox';
import { Nullable, Timestamp, Uuid } from '#kernel/schema.ts';
import { causes } from './cause-of.ts';
import { outcomes, type StepState, stepMoves, type WatchState, watchMoves } from './states.ts';

const oneOf = <const T extends readonly string[]>(values: T) => Type.Unsafe<T[number]>(Type.String({ enum: [...values] }));
const Count = Type.Integer({ minimum: 0 });

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
  confirmedAt: Nullable(Timestamp),
  confirmNeeded: Type.Boolean(),
  dueAt: Nullable(Timestamp),
  cause: Nullable(oneOf(causes)),
  noticeDueAt: Nullable(Timestamp),
  nextAction: Nullable(Type.String()),
  nextActionAt: Nullable(Timestamp),
  ladder: Type.Object({ name: Type.String(), version: Type.Integer() }),
  steps: Type.Array(
    Type.Object({
      name: Type.String(),
      who: oneOf(['openers', 'grantors', 'sender']),
      source: oneOf(['policy', 'sender']),
      dueAt: Timestamp,
      state: Type.Unsafe<StepState>(oneOf(Object.keys(stepMoves))),
      reason: Nullable(Type.String()),
      changedAt: Timestamp,
    }),
  ),
  outcome: Nullable(oneOf(outcomes)),
  settledAt: Nullable(Timestamp),
});
export type WatchView = Static<typeof WatchView>;

/** Post that lies where nobody can open it: who sent it, since when, and which right is missing. Nothing of what it is about. */
export const SealedView = Type.Object({
  sealed: Type.Array(
    Type.Object({
      party: Type.Object({ id: Uuid, name: Type.String(), number: Nullable(Type.String()) }),
      sender: Type.Object({ name: Type.String(), organizationNumber: Nullable(Type.String()) }),
      publishedAt: Timestamp,
      ageDays: Count,
      confidential: Type.Boolean(),
      right: Type.Object({
        /** Access packages, any of which opens it. Empty: the right to the resource itself is needed. */
        packages: Type.Array(Type.String()),
        resource: Nullable(Type.String()),
        resourceTitle: Nullable(Type.Object({ nb: Type.String(), nn: Type.String(), en: Type.String() })),
      }),
    }),
  ),
  /** Give it back as `after` to go on; null when there is no more. */
  next: Nullable(Type.String()),
});
export type SealedView = Static<typeof SealedView>;
