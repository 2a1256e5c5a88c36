import Type, { type Static } from 'typebox';
import { sentStandings } from '#correspondence/index.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { IdOf, Nullable, oneOf, personal, Timestamp, Uuid } from '#kernel/schema.ts';
import { causes, outcomes } from '#watch/index.ts';

export const MessageParams = Type.Object({ correspondenceId: IdOf<CorrespondenceId>() });

export const TimelineEntry = Type.Object({
  id: Type.String({ format: 'uuid', description: 'Id of the evidence row.' }),
  at: Timestamp,
  event: Type.String({ description: 'Name of the step; names of ETSI EN 319 522 where it has one.' }),
  uri: Type.String(),
  proves: Type.String({ description: 'The level of proof: what the step shows, and no more.' }),
  sentence: Type.String({ description: 'What that level says, in words.' }),
  core: Type.Record(Type.String(), Type.Unknown()),
  who: Type.Record(Type.String(), Type.Unknown()),
  what: Type.Record(Type.String(), Type.Unknown()),
});
export type TimelineEntry = Static<typeof TimelineEntry>;

export const Timeline = Type.Object({
  correspondenceId: Type.String({ format: 'uuid' }),
  entries: Type.Array(TimelineEntry, { description: 'Oldest first.' }),
  next: Nullable(Type.String({ description: 'Ask again with `after` set to this for what follows.' })),
});

export const TimelineQuery = Type.Object({
  after: Type.Optional(Type.String({ format: 'uuid' })),
  language: Type.Optional(Type.Union([Type.Literal('nb'), Type.Literal('nn'), Type.Literal('en')])),
});

export const InvariantReport = Type.Object({
  at: Timestamp,
  holds: Type.Boolean({ description: 'True when no invariant is broken.' }),
  openWatches: Type.Integer({ description: 'How much of what the caller has sent is open under watch.' }),
  invariants: Type.Array(
    Type.Object({
      name: Type.String(),
      holds: Type.Boolean(),
      violations: Type.Integer({ description: 'Counted up to 100.' }),
      ids: Type.Array(Type.String(), { description: 'Ids of what breaks it; for operators only.' }),
    }),
  ),
});
export type InvariantReport = Static<typeof InvariantReport>;

export const SentQuery = Type.Object({
  /** A recipient's number, or words in its name, the sender's reference or the title. */
  q: Type.Optional(personal(Type.String({ maxLength: 200 }))),
  resource: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
  /** These and no others. */
  id: Type.Optional(Type.Array(Uuid, { maxItems: 100 })),
  /** Not opened; opened and still followed; brought to an end as was hoped; or by another way. */
  standing: Type.Optional(oneOf(sentStandings)),
  confidential: Type.Optional(Type.Boolean()),
  /** When it was to be published: from, and before. */
  from: Type.Optional(Timestamp),
  before: Type.Optional(Timestamp),
  after: Type.Optional(Type.String({ format: 'uuid' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
});
export type SentQuery = Static<typeof SentQuery>;

export const SentItem = Type.Object({
  id: Type.String({ format: 'uuid' }),
  /** Null where the message is confidential. */
  title: Nullable(personal(Type.String())),
  recipient: Type.Object({ name: personal(Type.String()), kind: Type.String() }),
  resource: Type.String(),
  sendersReference: Type.String(),
  status: Type.String(),
  confidential: Type.Boolean(),
  confirmNeeded: Type.Boolean(),
  publishAt: Timestamp,
  publishedAt: Nullable(Timestamp),
  openedAt: Nullable(Timestamp),
  confirmedAt: Nullable(Timestamp),
  dueAt: Nullable(Timestamp),
  /** Why it is not opened or confirmed; null when it is settled. */
  cause: Nullable(oneOf(causes)),
  outcome: Nullable(oneOf(outcomes)),
  settledAt: Nullable(Timestamp),
  nextStepAt: Nullable(Timestamp),
});
export type SentItem = Static<typeof SentItem>;

export const SentPage = Type.Object({
  items: Type.Array(SentItem, { description: 'Latest first. May be empty on a page that is not the last.' }),
  next: Nullable(Type.String({ format: 'uuid', description: 'Ask again with `after` set to this for what follows.' })),
});
export type SentPage = Static<typeof SentPage>;

const Texts = Type.Object({ nb: Type.String(), nn: Type.String(), en: Type.String() });

export const SenderServices = Type.Object({
  services: Type.Array(
    Type.Object({
      id: Type.String(),
      title: Texts,
      /** Of a service of somebody else: who the recipient sees as its owner. Null: the sender's own. */
      owner: Nullable(Type.Object({ number: Nullable(Type.String()), name: Type.String() })),
      /** Post on it is confidential, always. */
      confidential: Type.Boolean(),
      /** What becomes of post that nobody can open and nobody can be given access to. */
      unreachable: oneOf(['accept', 'refuse', 'fallback']),
      /** Whether a letter on it may be forwarded. */
      mayForward: Type.Boolean(),
    }),
  ),
});
export type SenderServices = Static<typeof SenderServices>;
