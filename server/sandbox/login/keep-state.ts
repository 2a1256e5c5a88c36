import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import type { Context } from '#kernel/context.ts';
import { clientMetadata } from './client-metadata.ts';
import {
  findLoginState,
  findLoginStateByUid,
  type KeptState,
  removeGrants,
  removeLoginState,
  saveLoginState,
  spendLoginState,
} from './store.ts';

/** What a grant gave, and what is removed with it. A login under way names a grant too, and stays. */
const ofGrants = ['AccessToken', 'AuthorizationCode', 'RefreshToken'];

/** U+0000 as JSON writes it: a browser may send one, PostgreSQL takes none. */
const zeroLetter = '\\u0000';

/** What is kept without a time of its own. */
const defaultSeconds = 24 * 60 * 60;

/**
 * What the login library keeps between two requests, in the database: it survives restarts, and any process goes on with what
 * another began. Clients are read from where they are registered. Expired things are as good as gone; `sweepLogins` removes them.
 */
export function keepState(ctx: Pick<Context, 'db'>, publicUrl: string): (model: string) => Adapter {
  return (model) => (model === 'Client' ? clients(ctx, publicUrl) : states(ctx, model));
}

function states({ db }: Pick<Context, 'db'>, model: string): Adapter {
  return {
    async upsert(id, payload, expiresIn = defaultSeconds) {
      if (JSON.stringify(payload).includes(zeroLetter)) throw new errors.InvalidRequest('a parameter holds U+0000');
      const grantId = ofGrants.includes(model) ? (payload.grantId ?? null) : null;
      const state = { model, id, payload, uid: payload.uid ?? null, grantId, expiresAt: inSeconds(expiresIn) };
      await db.transaction(async (tx) => saveLoginState(tx, state));
    },
    find: async (id) => payloadOf(await findLoginState(db, model, id, new Date())),
    findByUid: async (uid) => payloadOf(await findLoginStateByUid(db, model, uid, new Date())),
    findByUserCode: async () => undefined,
    async consume(id) {
      if (!(await spendLoginState(db, model, id, new Date()))) throw new errors.InvalidGrant('it was used already');
    },
    destroy: (id) => db.transaction(async (tx) => removeLoginState(tx, model, id)),
    revokeByGrantId: (grantId) => db.transaction(async (tx) => removeGrants(tx, [grantId])),
  };
}

/** Clients are made by town documents, never by the library. */
function clients({ db }: Pick<Context, 'db'>, publicUrl: string): Adapter {
  const readOnly = async () => {
    throw new Error('clients are not made or changed by logging in');
  };
  return {
    find: (id) => clientMetadata(db, publicUrl, id),
    findByUid: async () => undefined,
    findByUserCode: async () => undefined,
    upsert: readOnly,
    consume: readOnly,
    destroy: readOnly,
    revokeByGrantId: readOnly,
  };
}

function payloadOf(kept: KeptState | undefined): AdapterPayload | undefined {
  return kept && { ...kept.payload, ...(kept.usedAt ? { consumed: Math.floor(kept.usedAt.getTime() / 1000) } : {}) };
}

function inSeconds(seconds: number): Date {
  return new Date(Date.now() + seconds * 1000);
}
