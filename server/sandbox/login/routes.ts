import Type from 'typebox';
import type { Context } from '#kernel/context.ts';
import { type AnyRoute, Reply, route } from '#kernel/route.ts';
import { personal } from '#kernel/schema.ts';
import { findParty } from '#register/index.ts';
import type { TokenIssuer } from '../tokens/signing-key.ts';
import { readSecrets } from './secrets.ts';

const UserInfo = Type.Object({ sub: Type.String(), pid: personal(Type.String()), locale: Type.String() });

/** What stands below the login's address and asks for its token. */
export function loginRoutes(issuer: TokenIssuer): AnyRoute[] {
  return (['GET', 'POST'] as const).map((method) =>
    route({
      method,
      path: '/idporten/userinfo',
      summary: 'Who has logged in, for the bearer of the access token.',
      scope: [{ issuer: 'idporten', all: ['openid'] }],
      answers: { 200: UserInfo, 401: Type.Null() },
      anyAccept: true,
      bodyKind: 'none',
      refusals: [],
      run: async (ctx: Context, caller) => {
        const person = caller.subject && (await findParty(ctx.db, caller.subject));
        if (!person || caller.clientId === null) return new Reply(401, null, { 'www-authenticate': 'Bearer error="invalid_token"' });
        const { pairwise } = await readSecrets(issuer);
        return { sub: pairwise(person.id, caller.clientId), pid: person.number, locale: person.language };
      },
    }),
  );
}
