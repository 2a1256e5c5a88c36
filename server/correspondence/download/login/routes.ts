import Type from 'typebox';
import { type AnyRoute, Reply, route } from '#kernel/route.ts';
import { type BrowserLogin, callbackPath } from './create-browser-login.ts';

const parameter = Type.Optional(Type.String({ maxLength: 4000 }));

/** What a provider sends a browser back with: a code, or why there is none. Source: OpenID Connect Core §3.1.2.5; RFC 9207. */
const ComingBack = Type.Object({
  code: parameter,
  state: parameter,
  iss: parameter,
  error: parameter,
  error_description: parameter,
  session_state: parameter,
});

/** Where browsers come back to from their login. Source: compatibility.md, correspondence, §1.2. */
export function browserLoginRoutes(login: Pick<BrowserLogin, 'comeBack'>): readonly AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: callbackPath,
      summary: 'A browser comes back from its login, and is sent on to the file that it asked for.',
      scope: 'open',
      query: ComingBack,
      anyAccept: true,
      answers: { 302: Type.Null() },
      refusals: [],
      run: async (_, __, { query }) =>
        new Reply(302, undefined, { location: await login.comeBack(query), 'referrer-policy': 'no-referrer' }),
    }),
  ];
}
