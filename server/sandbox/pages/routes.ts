import Type from 'typebox';
import type { Context } from '#kernel/context.ts';
import { type AnyRoute, route } from '#kernel/route.ts';
import { Uuid } from '#kernel/schema.ts';
import { frontPage } from './front-page.ts';
import { chooseLanguage } from './language.ts';
import { caughtPage, outboxPage } from './outbox-page.ts';

const lang = Type.Optional(Type.String({ description: 'nb, nn or en; without it Accept-Language decides.' }));
const page = {
  method: 'GET',
  scope: 'open',
  mediaType: 'text/html',
  anyAccept: true,
  refusals: [],
} as const;

/** The sandbox's pages for people. */
export function pageRoutes(publicUrl: string): AnyRoute[] {
  return [
    route({
      ...page,
      path: '/',
      summary: 'Where a newcomer to the sandbox begins.',
      query: Type.Object({ lang }),
      answers: { 200: Type.String() },
      run: async (_ctx: Context, _caller, { query, headers }) =>
        frontPage(chooseLanguage(query.lang, headers['accept-language']), publicUrl),
    }),
    route({
      ...page,
      path: '/outbox',
      summary: 'The outbox for people: mail and SMS that the sandbox caught.',
      query: Type.Object({ lang, address: Type.Optional(Type.String({ maxLength: 320 })), before: Type.Optional(Uuid) }),
      answers: { 200: Type.String() },
      run: (ctx: Context, _caller, { query, headers }) =>
        outboxPage(ctx.db, chooseLanguage(query.lang, headers['accept-language']), {
          address: query.address?.trim() || undefined,
          before: query.before,
        }),
    }),
    route({
      ...page,
      path: '/outbox/:id',
      summary: 'One caught mail or SMS with its text.',
      params: Type.Object({ id: Uuid }),
      query: Type.Object({ lang }),
      answers: { 200: Type.String(), 404: Type.String() },
      run: (ctx: Context, _caller, { params, query, headers }) =>
        caughtPage(ctx.db, chooseLanguage(query.lang, headers['accept-language']), params.id),
    }),
  ];
}
