import Type, { type Static } from 'typebox';
import { Nullable, personal, Timestamp, Until, Uuid } from '#kernel/schema.ts';

const PartyReference = Type.String({
  minLength: 1,
  maxLength: 300,
  description:
    'An organization or a person as the Correspondence API names recipients, or `urn:altinn:party:uuid:…`, `urn:altinn:systemuser:uuid:…`.',
});

/** What is asked for when access is given. */
export const GrantRequest = Type.Object({
  /** The party whose post it is about. */
  at: personal(PartyReference),
  /** Who gets access: oneself or another, an organization or a system user. */
  to: personal(PartyReference),
  /** Of a person who is named by number and is not the caller. */
  lastName: Type.Optional(Nullable(personal(Type.String({ maxLength: 200 })))),
  package: Type.Optional(Nullable(Type.String({ minLength: 1, maxLength: 200 }))),
  resource: Type.Optional(Nullable(Type.String({ minLength: 1, maxLength: 255 }))),
  /** One message or attachment on the resource. */
  instance: Type.Optional(Nullable(Uuid)),
  /** `read` when left out. Of a resource only. */
  actions: Type.Optional(Nullable(Type.Array(Type.String({ pattern: '^[A-Za-z][A-Za-z-]{0,49}$' }), { minItems: 1, maxItems: 20 }))),
  until: Type.Optional(Nullable(Until)),
  reason: Type.Optional(Nullable(personal(Type.String({ maxLength: 1000 })))),
});
export type GrantRequest = Static<typeof GrantRequest>;

/** Access that stands. Parties are named by the register's id, which says nothing to whoever finds it. */
export const GrantView = Type.Object({
  id: Uuid,
  at: Uuid,
  to: Uuid,
  toName: personal(Type.String()),
  package: Nullable(Type.String()),
  /** Null beside a package; and of a confidential service, which is named to those only who may read on it. */
  resource: Nullable(Type.String()),
  /** In lists: what the package or the service is called. */
  title: Nullable(Type.Object({ nb: Type.String(), nn: Type.String(), en: Type.String() })),
  instance: Nullable(Uuid),
  actions: Type.Array(Type.String()),
  until: Nullable(Timestamp),
  reason: Nullable(personal(Type.String())),
  /** In lists: the person who gave it; null where a document or a register did. */
  grantedByName: Nullable(personal(Type.String())),
  createdAt: Timestamp,
});
export type GrantView = Static<typeof GrantView>;

export const GrantId = Type.Object({ id: Uuid });

export const GrantListQuery = Type.Object({
  at: personal(PartyReference),
  /** Words in the name of who has it, in the reason, or in the code or the name of the package or the service, in any language. */
  q: Type.Optional(personal(Type.String({ maxLength: 200 }))),
  instance: Type.Optional(Type.String({ format: 'uuid', description: 'Access to this message or file alone.' })),
  /** The id of the last one seen. */
  after: Type.Optional(Uuid),
});
export type GrantListQuery = Static<typeof GrantListQuery>;

export const GrantList = Type.Object({
  grants: Type.Array(GrantView),
  /** Give it as `after` to read on; null at the end. */
  next: Nullable(Uuid),
});
export type GrantList = Static<typeof GrantList>;
