import Type from 'typebox';
import type { Context } from '#kernel/context.ts';
import { type AnyRoute, route } from '#kernel/route.ts';
import { townErrors } from './errors.ts';
import { loadTown } from './load-town.ts';
import { townLists } from './schema.ts';

const Count = Type.Integer({ minimum: 0 });
const Counts = Type.Object({ created: Count, updated: Count, unchanged: Count });

export const TownSummary = Type.Object(Object.fromEntries(townLists.map((list) => [list, Counts])));

/** Sixty-four MiB: a town of some hundred thousand. */
const maxBodyBytes = 64 * 1024 * 1024;

export const townRoutes: AnyRoute[] = [
  route({
    method: 'POST',
    path: '/budstikke/v1/sandbox/seed',
    summary: 'Loads a town document: parties, roles, grants, access lists, resources, clients and system users.',
    scope: 'open',
    body: Type.Unknown({ description: 'A town document. Its JSON Schema: server/sandbox/town.schema.json in the repository.' }),
    bodyKind: 'json',
    maxBodyBytes,
    answers: { 200: TownSummary },
    anyAccept: true,
    refusals: Object.values(townErrors),
    run: (ctx: Context, _caller, { body }) => loadTown(ctx, body),
  }),
];
