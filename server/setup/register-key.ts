import { calculateJwkThumbprint, type JWK } from 'jose';
import { findClient, publicJwkOf, saveClients } from '#identity/index.ts';
import type { Context } from '#kernel/context.ts';
import { refuse } from '#kernel/refusal.ts';
import { setupErrors as e } from './errors.ts';
import { digestOf } from './link-token.ts';
import { lockInvitation, saveUsed } from './store.ts';
import type { KeyRequest, RegisteredClient } from './wire.ts';

/**
 * Whoever has the link hands in the public key of the client that it was made for. The link is used up by it; of two at once
 * one is refused. A key that will not do leaves the link as it was.
 *
 * Refuses linkNotValid, keyNotUsable.
 */
export function registerKey(ctx: Context, token: string, { publicKeyPem, jwk, keyId }: KeyRequest): Promise<RegisteredClient> {
  const digest = digestOf(token);
  return ctx.db.transaction(async (tx) => {
    const clientId = await lockInvitation(tx, digest);
    const client = clientId === undefined ? undefined : await findClient(tx, clientId);
    if (!client) throw refuse(e.linkNotValid);
    const isOne = (publicKeyPem == null) !== (jwk == null);
    const key = isOne ? publicJwkOf({ pem: publicKeyPem ?? undefined, jwk: jwk ?? undefined }) : undefined;
    if (!key) throw refuse(e.keyNotUsable);

    const named = keyId ?? (await calculateJwkThumbprint(key as JWK));
    saveClients(tx, [{ ...client, keyId: named, publicJwk: { ...key } }]);
    saveUsed(tx, digest);
    return { clientId: client.clientId, keyId: named, scopes: [...client.scopes] };
  });
}
