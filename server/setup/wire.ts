import Type, { type Static } from 'typebox';
import { Nullable } from '#kernel/schema.ts';

export const LinkParams = Type.Object({ token: Type.String({ minLength: 1, maxLength: 200 }) });

/** The public key of a client, in one of two forms. */
export const KeyRequest = Type.Object({
  publicKeyPem: Type.Optional(
    Nullable(Type.String({ maxLength: 20_000, description: 'SubjectPublicKeyInfo, as `openssl pkey -pubout` writes it.' })),
  ),
  jwk: Type.Optional(Nullable(Type.Record(Type.String(), Type.Unknown()))),
  keyId: Type.Optional(Nullable(Type.String({ minLength: 1, maxLength: 200, description: 'The thumbprint (RFC 7638) when left out.' }))),
});
export type KeyRequest = Static<typeof KeyRequest>;

export const RegisteredClient = Type.Object({
  clientId: Type.String(),
  keyId: Type.String(),
  scopes: Type.Array(Type.String()),
});
export type RegisteredClient = Static<typeof RegisteredClient>;

const Name = Type.String({ minLength: 1, maxLength: 500 });

/** What the operator says of the first owner. `client`: only where the server's own issuer knows clients, in a sandbox. */
export const OwnerRequest = Type.Object(
  {
    organization: Type.Object(
      {
        number: Type.String(),
        name: Name,
        code: Type.String({ pattern: '^[a-z][a-z0-9-]{1,49}$' }),
      },
      { additionalProperties: false },
    ),
    administrator: Type.Object(
      {
        number: Type.String(),
        name: Name,
        email: Type.Optional(Type.String({ pattern: '^[^\\s@]+@[^\\s@]+$', maxLength: 320 })),
      },
      { additionalProperties: false },
    ),
    client: Type.Optional(
      Type.Object(
        {
          id: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$' }),
          scopes: Type.Array(Type.String({ pattern: '^[\\x21-\\x7e]{1,200}$' }), { minItems: 1, maxItems: 50 }),
        },
        { additionalProperties: false },
      ),
    ),
    another: Type.Boolean(),
  },
  { additionalProperties: false },
);
export type OwnerRequest = Static<typeof OwnerRequest>;
