import type { JWK } from 'jose';
import { type Reader, sql, type Tx } from '#kernel/database.ts';

export interface DialogKey {
  readonly kid: string;
  readonly privateJwk: JWK;
  readonly publicJwk: JWK;
}

/** Other processes that want to make keys wait until the transaction ends; readers do not. */
export async function lockDialogKeys(tx: Tx): Promise<void> {
  await tx.run(sql`lock table identity.dialog_key in share row exclusive mode`);
}

/** Oldest first: the first one signs. */
export function listDialogKeys(reader: Reader): Promise<DialogKey[]> {
  return reader.all<DialogKey>(sql`
    select kid, private_jwk as "privateJwk", public_jwk as "publicJwk" from identity.dialog_key order by created_at, kid`);
}

export function saveDialogKeys(tx: Tx, keys: readonly (DialogKey & { readonly createdAt: Date })[]): void {
  tx.send(sql`
    insert into identity.dialog_key (kid, private_jwk, public_jwk, created_at)
    select kid, "privateJwk", "publicJwk", "createdAt"
      from jsonb_to_recordset(${JSON.stringify(keys)}::jsonb) as r (kid text, "privateJwk" jsonb, "publicJwk" jsonb, "createdAt" timestamptz)`);
}
