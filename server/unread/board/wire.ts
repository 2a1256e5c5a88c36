import Type, { type Static } from 'typebox';
import { Nullable, oneOf, personal, Timestamp, Uuid } from '#kernel/schema.ts';
import { causes } from '#watch/index.ts';
import { ages } from '../ages.ts';
import { postKinds } from '../policies.ts';
import { boardSorts } from '../store/board.ts';

const Count = Type.Integer({ minimum: 0 });
const optional = Type.Optional;
/** By so many one narrows what one is shown. */
export const mostRecipients = 100;

const Age = oneOf(ages);
const Cause = oneOf(causes);

const filters = {
  cause: optional(Type.Array(Cause, { maxItems: causes.length })),
  /** As ISO 8601 writes days: `P7D`. Counted from publication; from acceptance, of what is not published. */
  olderThan: optional(Type.String({ pattern: '^P\\d{1,4}D$' })),
  /** Numbers of organizations and persons. */
  recipient: optional(Type.Array(personal(Type.String({ pattern: '^(\\d{9}|\\d{11})$' })), { minItems: 1, maxItems: mostRecipients })),
  resource: optional(Type.Array(Type.String({ minLength: 1, maxLength: 255 }), { maxItems: 100 })),
  confidential: optional(Type.Boolean()),
  kind: optional(oneOf(postKinds)),
  /** `true`: what the sender has been asked to decide; `false`: the rest. */
  decisionAsked: optional(Type.Boolean()),
};

export const FilterQuery = Type.Object(filters);
export type FilterQuery = Static<typeof FilterQuery>;

export const BoardQuery = Type.Object({
  ...filters,
  /** `next`: by when something happens next. What moves while it is read page by page may come twice, or not at all. */
  sort: optional(oneOf(boardSorts)),
  after: optional(Type.String({ maxLength: 200 })),
  limit: optional(Type.Integer({ minimum: 1, maximum: 500 })),
});
export type BoardQuery = Static<typeof BoardQuery>;

export const ExtractQuery = Type.Object({
  ...filters,
  /** `yes`: begins with a byte order mark, by which Excel knows that it is UTF-8. */
  bom: optional(Type.Boolean()),
  /** `false`: without national identity numbers. */
  numbers: optional(Type.Boolean()),
});
export type ExtractQuery = Static<typeof ExtractQuery>;

const Recipient = {
  name: personal(Type.String()),
  number: Nullable(personal(Type.String())),
  kind: Type.String(),
};

/** One piece of post that one recipient has not opened. Neither title nor content, whatever it is. */
export const BoardItem = Type.Object({
  id: Uuid,
  kind: oneOf(postKinds),
  recipient: Type.Object(Recipient),
  resource: Type.String(),
  confidential: Type.Boolean(),
  sentAt: Timestamp,
  publishedAt: Nullable(Timestamp),
  /** Opened, and not confirmed; or with an attachment that nobody can open. */
  openedAt: Nullable(Timestamp),
  dueAt: Nullable(Timestamp),
  ageDays: Count,
  cause: Cause,
  class: Type.String(),
  openers: Count,
  grantors: Count,
  nextStep: Type.String(),
  /** Toward whom; null where it turns to nobody, as when it is laid in the inbox. */
  nextStepWho: Nullable(Type.String()),
  nextStepAt: Timestamp,
  lastStep: Nullable(Type.Object({ name: Type.String(), state: Type.String(), reason: Nullable(Type.String()), at: Timestamp })),
  /** It will never reach its recipient. */
  failed: Type.Boolean(),
  /**
   * Of a file whose time is over, and of a message with attachments whose time is: until when their bytes are there, the first of them, unless
   * the sender decides; null when none is over, or they are gone.
   */
  bytesUntil: Nullable(Timestamp),
  /** The sender has been asked to decide, by mail or event, and has not, nor has anybody opened it since; of a file, confirmed it. */
  decisionAsked: Type.Boolean(),
  /** When a system at the recipient took it first, of a service that demands a person: it lies there all the same. */
  fetchedBySystemAt: Nullable(Timestamp),
  /** Decisions that the sender can take now. */
  decisions: Type.Array(Type.String()),
});
export type BoardItem = Static<typeof BoardItem>;

export const Board = Type.Object({
  at: Timestamp,
  items: Type.Array(BoardItem),
  /** Give it as `after` for the next page; null on the last. */
  next: Nullable(Type.String()),
});
export type Board = Static<typeof Board>;

export const Summary = Type.Object({
  at: Timestamp,
  total: Count,
  /** Of how much of it the sender has been asked to decide. */
  decisionAsked: Count,
  groups: Type.Array(Type.Object({ cause: Cause, age: Age, resource: Type.String(), count: Count, oldest: Timestamp })),
  recipients: Type.Array(Type.Object({ ...Recipient, count: Count, oldest: Timestamp })),
});
export type Summary = Static<typeof Summary>;
