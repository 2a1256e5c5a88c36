import type { Caller } from '#kernel/context.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParty } from '#register/index.ts';
import { sessionErrors } from './errors.ts';
import { operates } from './operates.ts';
import { csrfTokenOf, digestOf } from './secrets.ts';
import { type SessionContext, sessionScopes } from './settings.ts';
import { findSession } from './store.ts';
import type { ShownSession } from './wire.ts';

/** What a page needs to know of who is logged in. Asking does not put off the end. Refuses noSession, for whoever comes with a token. */
export async function showSession(session: SessionContext, caller: Caller, cookie: string | undefined): Promise<ShownSession> {
  const { ctx, jar, isSandbox, operator } = session;
  const secret = jar.read(cookie).session;
  const found = secret === undefined ? undefined : await findSession(ctx.db, digestOf(secret));
  const person = found && found.partyId === caller.subject ? await findParty(ctx.db, found.partyId) : undefined;
  if (!found || !person) throw refuse(sessionErrors.noSession);
  return {
    person: { id: person.id, name: person.name, language: person.language },
    csrfToken: csrfTokenOf(secret!),
    expiresAt: found.expiresAt.toISOString(),
    now: ctx.now().toISOString(),
    level: found.authLevel,
    scopes: [...sessionScopes],
    sandbox: isSandbox,
    operator: await operates(ctx, caller, operator),
  };
}
