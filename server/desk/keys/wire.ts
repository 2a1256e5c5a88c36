import Type, { type Static } from 'typebox';
import { Nullable, oneOf, Timestamp } from '#kernel/schema.ts';

export const KeysQuery = Type.Object({
  kind: Type.Optional(Type.Enum(['clients', 'systems', 'certificates'], { description: 'These alone; all when left out.' })),
  after: Type.Optional(Type.String({ maxLength: 300, description: 'Of `next`, to read on in this kind.' })),
});
export type KeysQuery = Static<typeof KeysQuery>;

const LastSeen = Nullable(Type.String({ format: 'date-time', description: 'To the hour. Null: not yet.' }));

export const Keys = Type.Object({
  clients: Type.Array(
    Type.Object({
      clientId: Type.String({ description: 'Empty: a token that named no client.' }),
      isRegistered: Type.Boolean({ description: 'Registered here, as in a sandbox; else whoever gave the token knows it.' }),
      keyId: Nullable(Type.String()),
      keyType: Nullable(Type.String({ description: '`RSA`, `EC` or `OKP`. Null: no key is known here.' })),
      scopes: Type.Array(Type.String()),
      lastSeenAt: LastSeen,
    }),
    { description: "The organization's own clients, by their names." },
  ),
  systems: Type.Array(
    Type.Object({
      id: Type.String(),
      title: Type.String(),
      systemId: Type.String(),
      kind: oneOf(['standard', 'agent']),
      vendorName: Nullable(Type.String()),
      createdAt: Timestamp,
      clients: Type.Array(Type.Object({ clientId: Type.String(), lastSeenAt: LastSeen })),
    }),
    { description: 'Systems that may act for the organization, and the clients by which they come. What they may: their grants.' },
  ),
  certificates: Type.Array(
    Type.Object({
      thumbprint: Type.String({ description: 'SHA-256, lower-case hex.' }),
      validTo: Timestamp,
      firstSeenAt: Timestamp,
      lastSeenAt: Timestamp,
    }),
    { description: 'Enterprise certificates of the organization that were shown here and held, the latest first.' },
  ),
  webhooks: Type.Array(
    Type.Object({
      id: Type.Integer(),
      endPoint: Type.String(),
      state: oneOf(['Unvalidated', 'Active', 'Paused']),
      formerUntil: Nullable(Type.String({ format: 'date-time', description: 'Until then the secret before this one signs too.' })),
    }),
    { description: 'Webhooks of the caller, each with a secret that signs; the secret itself is shown to nobody again.' },
  ),
  hasMore: Type.Boolean({ description: 'There are more than are shown, of one kind or another.' }),
  next: Type.Object(
    { clients: Nullable(Type.String()), systems: Nullable(Type.String()), certificates: Nullable(Type.String()) },
    { description: 'Where a kind goes on: give it as `after` with that `kind`. Null at its end.' },
  ),
});
export type Keys = Static<typeof Keys>;
