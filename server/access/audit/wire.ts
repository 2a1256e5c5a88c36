import Type, { type Static } from 'typebox';
import { Nullable, personal, Timestamp, Uuid } from '#kernel/schema.ts';

/** Somebody who did or asked something. Names are for those who administer access, and for the auditor. */
const Who = Type.Object({
  kind: Type.Enum(['person', 'organization', 'system-user', 'platform', 'anonymous', 'budstikke', 'unknown']),
  party: Nullable(Uuid),
  name: Nullable(personal(Type.String())),
  /** The system through which it came. */
  client: Nullable(Type.String()),
});
export type Who = Static<typeof Who>;

export const AuditEntry = Type.Object({
  id: Uuid,
  at: Timestamp,
  /** `act`: something was looked at, opened, answered or given. `decision`: a system asked whether somebody may. `attempt`: somebody tried a message and was refused. */
  kind: Type.Enum(['act', 'decision', 'attempt']),
  /** Of an act: what happened, by the name of the evidence. */
  event: Nullable(Type.String()),
  /** The message, attachment or grant. */
  about: Nullable(Type.String()),
  /** Who did it; of a decision, about whom it was. */
  who: Who,
  /** Of a decision or an attempt: whose system asked. */
  askedBy: Nullable(Who),
  resource: Nullable(Type.String()),
  action: Nullable(Type.String()),
  decision: Nullable(Type.Enum(['Permit', 'Deny', 'NotApplicable', 'Indeterminate'])),
  /** How the right came about, in codes and organization numbers. */
  path: Type.Array(Type.String()),
});
export type AuditEntry = Static<typeof AuditEntry>;

export const AuditPage = Type.Object({
  entries: Type.Array(AuditEntry),
  /** Give it as `before` to read on; null at the end. */
  next: Nullable(Uuid),
});
export type AuditPage = Static<typeof AuditPage>;

export const AuditQuery = Type.Object({
  party: personal(Type.String({ minLength: 1, maxLength: 300 })),
  /** The id of the last one seen. */
  before: Type.Optional(Uuid),
  /** Only what was done, only what was decided for other systems, of which there may be much, or only what was refused. */
  kind: Type.Optional(Type.Enum(['act', 'decision', 'attempt'])),
  /** Only what is about post on this resource. */
  resource: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
  /** Only what is about this message, attachment or grant. */
  about: Type.Optional(Uuid),
  /** Only what happened at this time or later. */
  from: Type.Optional(Timestamp),
  /** Only what happened before this time. */
  to: Type.Optional(Timestamp),
});
export type AuditQuery = Static<typeof AuditQuery>;

export const MessageParams = Type.Object({ id: Uuid });
export const MessageQuery = Type.Object({ after: Type.Optional(Uuid) });
