import type { JWK } from 'jose';
import { type Reader, sql, type Tx } from '#kernel/database.ts';

/** The sandbox's issuers. Each has keys of its own, as its model has. */
export type IssuerName = 'altinn' | 'maskinporten' | 'idporten';

export interface StoredKey {
  readonly kid: string;
  readonly privateJwk: JWK;
  readonly publicJwk: JWK;
}

/** Other processes that want to make the key wait until the transaction ends; readers do not. */
export async function lockSigningKeys(tx: Tx): Promise<void> {
  await tx.run(sql`lock table sandbox.signing_key in share row exclusive mode`);
}

/** Oldest first: the first one signs. */
export function listSigningKeys(reader: Reader, issuer: IssuerName): Promise<StoredKey[]> {
  return reader.all<StoredKey>(sql`
    select kid, private_jwk as "privateJwk", public_jwk as "publicJwk" from sandbox.signing_key
     where issuer = ${issuer} order by created_at, kid`);
}

export function saveSigningKey(tx: Tx, issuer: IssuerName, key: StoredKey): void {
  tx.send(sql`
    insert into sandbox.signing_key (issuer, kid, private_jwk, public_jwk, created_at)
    values (${issuer}, ${key.kid}, ${JSON.stringify(key.privateJwk)}::jsonb, ${JSON.stringify(key.publicJwk)}::jsonb, clock.now())`);
}
