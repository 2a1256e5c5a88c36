import Type, { type Static } from 'typebox';
import { Nullable, oneOf, personal, Timestamp, Uuid } from '#kernel/schema.ts';

const Channel = oneOf(['email', 'sms']);
const Resources = Type.Array(Type.String({ minLength: 2, maxLength: 255 }), { minItems: 1, maxItems: 200 });
const Clock = Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$', description: 'By the clock in Norway.' });

export const PartyQuery = Type.Object({ party: Uuid });
export const AddressParams = Type.Object({ id: Uuid });

export const ContactAddress = Type.Object({
  id: Uuid,
  channel: Channel,
  address: personal(Type.String()),
  /** `own`: proved by a code. `krr`: the Contact and Reservation Register says so. `register`: whoever set up this installation does. */
  source: oneOf(['register', 'krr', 'own']),
  /** A person's, for post to this organization; null: for their own post, or the organization's. */
  at: Nullable(Type.Object({ id: Uuid, name: Type.String(), resources: Nullable(Type.Array(Type.String())) })),
  /** Confirmed, or used, last. */
  confirmedAt: Timestamp,
  /** When it is stale unless somebody confirms it. */
  staleAt: Timestamp,
  stale: Type.Boolean(),
});
export type ContactAddress = Static<typeof ContactAddress>;

export const Proof = Type.Object({
  id: Uuid,
  channel: Channel,
  address: personal(Type.String()),
  /** The address that is confirmed anew; null for a new one. */
  confirms: Nullable(Uuid),
  expiresAt: Timestamp,
});
export type Proof = Static<typeof Proof>;

export const QuietHours = Type.Object({ from: Clock, to: Clock });

export const ContactAddresses = Type.Object({
  party: Type.Object({ id: Uuid, name: personal(Type.String()), kind: oneOf(['person', 'organization']), reserved: Type.Boolean() }),
  addresses: Type.Array(ContactAddress),
  /** Codes that were sent and not typed in yet. */
  waiting: Type.Array(Proof),
  quietHours: Nullable(QuietHours),
});
export type ContactAddresses = Static<typeof ContactAddresses>;

export const NewAddress = Type.Object({
  party: Uuid,
  channel: Channel,
  address: personal(Type.String({ minLength: 3, maxLength: 320 })),
  /** Of a person: for post to this organization, in place of their own addresses. */
  at: Type.Optional(Nullable(Uuid)),
  /** With `at`: for post of these resources alone. */
  resources: Type.Optional(Nullable(Resources)),
});
export type NewAddress = Static<typeof NewAddress>;

export const Code = Type.Object({ code: Type.String({ pattern: '^ *\\d{3} ?\\d{3} *$', description: 'Six digits.' }) });

/** Null: none any more. */
export const NewQuietHours = Type.Object({ party: Uuid, quietHours: Nullable(QuietHours) });
export type NewQuietHours = Static<typeof NewQuietHours>;
