import assert from 'node:assert/strict';
import type { AnyRoute } from '#kernel/route.ts';

/** Sends a request wherever the server under test is. */
export type Send = (request: { method: string; path: string; headers: Readonly<Record<string, string>> }) => Promise<{
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}>;

/** Makers of tokens that must not pass. */
export interface Tokens {
  /** A token whose claims would pass the route, unsigned (`alg: none`). */
  unsigned(route: AnyRoute): Promise<string>;
  /** A well-signed token of a trusted issuer without the scopes of the route. */
  wrongScope(route: AnyRoute): Promise<string>;
}

export interface RefusalCase {
  readonly title: string;
  check(): Promise<void>;
}

const anyId = '0198f0a0-0000-7000-8000-000000000000';
const pathOf = (route: AnyRoute): string => route.path.replaceAll(/:\w+/g, anyId);

/**
 * Tries the gate of every route that asks for a token: without one, with one that is none, unsigned, and of the wrong scope.
 * The first three are 401 with a challenge, the last is 403; none has a body, but for the one that says to exchange the token.
 *
 * Source: compatibility.md, correspondence, §1.2.
 */
export function refusalSuite(send: Send, routes: readonly AnyRoute[], tokens: Tokens): RefusalCase[] {
  return routes
    .filter((route) => route.scope !== 'open')
    .flatMap((route) => {
      const named = `${route.method} ${route.path}`;
      const call = (headers: Readonly<Record<string, string>>) => send({ method: route.method, path: pathOf(route), headers });
      const unknown = async (headers: Readonly<Record<string, string>>): Promise<void> => {
        const answer = await call(headers);
        assert.equal(answer.status, 401);
        assert.match(answer.headers['www-authenticate'] ?? '', /^Bearer/);
        assert.equal(answer.body, '');
      };
      return [
        { title: `given no token, when ${named} is called, then it is 401`, check: () => unknown({}) },
        {
          title: `given a token that is none, when ${named} is called, then it is 401`,
          check: () => unknown({ authorization: 'Bearer x.y.z' }),
        },
        {
          title: `given an unsigned token, when ${named} is called, then it is 401`,
          check: async () => unknown({ authorization: `Bearer ${await tokens.unsigned(route)}` }),
        },
        {
          title: `given a token of the wrong scope, when ${named} is called, then it is 403`,
          check: async () => {
            const answer = await call({ authorization: `Bearer ${await tokens.wrongScope(route)}` });
            assert.equal(answer.status, 403);
            if (answer.body !== '') assert.match(JSON.parse(answer.body).title, /^IDX10205/);
          },
        },
      ];
    });
}
