import Type from 'typebox';
import { type AnyRoute, route } from '#kernel/route.ts';
import { Uuid } from '#kernel/schema.ts';
import type { BrokerContext } from '../context.ts';
import { brokerErrors as e } from '../errors.ts';
import { callsPerMinute, policies } from '../policies.ts';
import { TransferParams } from '../wire.ts';
import { listTransfers } from './list-transfers.ts';
import { getDetails, getOverview } from './look-at-transfer.ts';
import { seenIfRefused } from './note-refused.ts';
import { TransferDetails, TransferOverview, TransferQuery } from './wire.ts';

const base = '/broker/api/v1/filetransfer';

export const lookRoutes: readonly AnyRoute[] = [
  route({
    method: 'GET',
    path: `${base}/:fileTransferId`,
    callsPerMinute: callsPerMinute.usual,
    summary: 'A file transfer and where it stands, for its sender and its recipients.',
    scope: policies.senderOrRecipient,
    params: TransferParams,
    answers: { 200: TransferOverview },
    refusals: [e.transferNotFound, e.noAccess],
    run: (ctx: BrokerContext, caller, { params }) =>
      seenIfRefused(ctx, caller, params.fileTransferId, 'look', () => getOverview(ctx, caller, params.fileTransferId)),
  }),
  route({
    method: 'GET',
    path: `${base}/:fileTransferId/details`,
    callsPerMinute: callsPerMinute.details,
    summary: 'A file transfer with its history, for its sender and its recipients.',
    scope: policies.senderOrRecipient,
    params: TransferParams,
    answers: { 200: TransferDetails },
    refusals: [e.transferNotFound, e.noAccess],
    run: (ctx: BrokerContext, caller, { params }) =>
      seenIfRefused(ctx, caller, params.fileTransferId, 'look', () => getDetails(ctx, caller, params.fileTransferId)),
  }),
  route({
    method: 'GET',
    path: base,
    callsPerMinute: callsPerMinute.list,
    summary: 'Ids of file transfers that the caller has sent or received on a resource.',
    scope: policies.senderOrRecipient,
    query: TransferQuery,
    answers: { 200: Type.Array(Uuid) },
    refusals: [e.noAccess],
    run: (ctx: BrokerContext, caller, { query }) => listTransfers(ctx, caller, query),
  }),
];
