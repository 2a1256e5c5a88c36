import Type, { type Static } from 'typebox';
import { GrantView } from '#access/index.ts';
import { Nullable, personal, Timestamp, Until, Uuid } from '#kernel/schema.ts';

export const SealedParams = Type.Object({ id: Uuid });

const Told = Type.Object({ name: personal(Type.String()), at: Timestamp });

/** What is on the outside of sealed post, and nothing of what is in it. */
export const Envelope = Type.Object({
  id: Uuid,
  party: Type.Object({ id: Uuid, name: Type.String(), number: Nullable(Type.String()) }),
  sender: Type.Object({ name: Type.String(), organizationNumber: Nullable(Type.String()) }),
  publishedAt: Timestamp,
  ageDays: Type.Integer({ minimum: 0 }),
  confidential: Type.Boolean(),
  /** Somebody can open the message, and an attachment of it nobody who can: the right is that of the attachment. */
  attachmentLocked: Type.Boolean(),
  /** Its sender lets it lie unread: nobody is told of it any more, and whoever is let in can open it. */
  isLetLie: Type.Boolean(),
  right: Type.Object({
    /** Access packages, any of which opens it. */
    packages: Type.Array(
      Type.Object({
        code: Type.String(),
        /** Null where it has none. */
        name: Nullable(Type.Object({ nb: Type.String(), nn: Type.String(), en: Type.String() })),
        youMayGive: Type.Boolean(),
      }),
    ),
    /** Null where it could say what the post is about. */
    resource: Nullable(Type.String()),
  }),
  /** Others who could give access, and have been told. */
  told: Type.Array(Told),
});
export type Envelope = Static<typeof Envelope>;

export const SealedGrant = Type.Object({
  /** `message`: this one alone. `service`: all post of this service. `package`: all post that the access package opens. */
  what: Type.Unsafe<'message' | 'service' | 'package'>(Type.String({ enum: ['message', 'service', 'package'] })),
  /** Which package; the first that opens it and that the caller may give, when left out. */
  package: Type.Optional(Nullable(Type.String({ minLength: 1, maxLength: 200 }))),
  /** Oneself, when left out. Another person by number, and then by last name as well; or a system user of the organization. */
  to: Type.Optional(Nullable(personal(Type.String({ minLength: 1, maxLength: 300 })))),
  lastName: Type.Optional(Nullable(personal(Type.String({ maxLength: 200 })))),
  until: Type.Optional(Nullable(Until)),
  reason: Type.Optional(Nullable(personal(Type.String({ maxLength: 1000 })))),
});
export type SealedGrant = Static<typeof SealedGrant>;

export const Unsealed = Type.Object({
  grants: Type.Array(GrantView),
  /** How many can open it now. */
  openers: Type.Integer({ minimum: 0 }),
  class: Type.String(),
  /** An attachment of it is still locked: its own right is missing, which the caller could not give. */
  attachmentLocked: Type.Boolean(),
});
export type Unsealed = Static<typeof Unsealed>;
