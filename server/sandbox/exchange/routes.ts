import Type from 'typebox';
import type { Context } from '#kernel/context.ts';
import { type AnyRoute, route } from '#kernel/route.ts';
import { type Exchange, exchangeToken } from './exchange-token.ts';

/** The exchange of tokens, at Altinn's address. */
export function exchangeRoutes(exchange: Exchange): AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/authentication/api/v1/exchange/:provider',
      summary: 'Makes an Altinn token of the bearer token of Maskinporten (`maskinporten`) or ID-porten (`id-porten`).',
      scope: 'open',
      params: Type.Object({ provider: Type.String() }),
      query: Type.Object({ test: Type.Optional(Type.String({ description: '`true`: a token of Digdir acts as the test owner `ttd`.' })) }),
      answers: {
        200: Type.String({ description: 'The token: a JSON string where JSON is asked for, bare text otherwise.' }),
        400: Type.String({ description: 'Another provider.' }),
        401: Type.Null({ description: 'No token, one that does not hold, or one that names nobody.' }),
        403: Type.Null({ description: "A person's token without a scope that begins with `altinn:`." }),
        410: Type.Object(
          { type: Type.String(), title: Type.String(), status: Type.Integer() },
          { description: 'Enterprise users are no more.' },
        ),
      },
      mediaType: 'text/plain',
      anyAccept: true,
      refusals: [],
      run: (ctx: Context, _caller, { params, query, headers }) =>
        exchangeToken({ ...ctx, ...exchange }, params.provider, query.test, headers),
    }),
  ];
}
