import Type from 'typebox';
import type { Context } from '#kernel/context.ts';
import { type AnyRoute, route } from '#kernel/route.ts';

/** A route that answers a document of an issuer: its metadata or its keys. No token is asked for. */
export function documentRoute(path: string, summary: string, run: () => Promise<unknown>): AnyRoute {
  return route({
    method: 'GET',
    path,
    summary,
    scope: 'open',
    answers: { 200: Type.Record(Type.String(), Type.Unknown()) },
    anyAccept: true,
    refusals: [],
    run: (_ctx: Context) => run(),
  });
}
