import { actorOf } from '#evidence/index.ts';
import type { Context } from '#kernel/context.ts';
import { type AnyRoute, route, type Scope } from '#kernel/route.ts';
import { putAddresses } from './addresses/put-addresses.ts';
import type { TellingContext } from './context.ts';
import { reportsOf } from './status/read-status-files.ts';
import { settleStatus } from './status/settle-status.ts';
import { AddressesSaved, PostalAddresses, Settled, StatusReports } from './wire.ts';

/** For the print house, or whoever brings its word. */
const printHouse: Scope = [{ issuer: 'maskinporten', all: ['budstikke:relay.report'] }];
/** For whoever keeps a register of addresses. */
const addressKeeper: Scope = [{ issuer: 'maskinporten', all: ['budstikke:relay.addresses'] }];
const base = '/budstikke/v1/relay';

export const relayRoutes: readonly AnyRoute[] = [
  route({
    method: 'POST',
    path: `${base}/status`,
    summary: 'What has become of letters that a print house was given: printed, posted, or returned. Tells how many reports were news.',
    scope: printHouse,
    body: StatusReports,
    answers: { 200: Settled },
    refusals: [],
    run: async (ctx: TellingContext, caller, { body }) => ({ settled: await settleStatus(ctx, reportsOf(body), actorOf(caller)) }),
  }),
  route({
    method: 'PUT',
    path: `${base}/addresses`,
    summary: 'Where organizations and persons get letters. It goes before what the Register of Legal Entities says.',
    scope: addressKeeper,
    body: PostalAddresses,
    answers: { 200: AddressesSaved },
    refusals: [],
    run: (ctx: Context, _caller, { body }) => putAddresses(ctx, body),
  }),
];
