import { type AnyRoute, route } from '#kernel/route.ts';
import type { BrokerContext } from '../context.ts';
import { decideErrors as e } from '../decide/errors.ts';
import { callsPerMinute, policies } from '../policies.ts';
import { TransferParams } from '../wire.ts';
import { listFileServices } from './list-file-services.ts';
import { listSentFiles } from './list-sent-files.ts';
import { listSentRecipients } from './list-sent-recipients.ts';
import { FileServices, SentFiles, SentFilesQuery, SentRecipients, SentRecipientsQuery } from './wire.ts';

const base = '/budstikke/v1/filetransfer';

/** What a sender's page asks for: our own operations. */
export const sentRoutes: readonly AnyRoute[] = [
  route({
    method: 'GET',
    path: `${base}/services`,
    callsPerMinute: callsPerMinute.usual,
    summary: 'The services of its own on which a sender may send files, with the largest file that each takes.',
    scope: policies.sender,
    answers: { 200: FileServices },
    refusals: [],
    run: (ctx: BrokerContext, caller) => listFileServices(ctx, caller),
  }),
  route({
    method: 'GET',
    path: `${base}/sent`,
    callsPerMinute: callsPerMinute.usual,
    summary: 'Files that a sender has sent, latest first, by name, with how far their recipients have come.',
    scope: policies.sender,
    query: SentFilesQuery,
    answers: { 200: SentFiles },
    refusals: [],
    run: (ctx: BrokerContext, caller, { query }) => listSentFiles(ctx, caller, query),
  }),
  route({
    method: 'GET',
    path: `${base}/:fileTransferId/recipients`,
    callsPerMinute: callsPerMinute.usual,
    summary: 'Where a sent file stands with each of its recipients, what happens next, and what its sender may decide.',
    scope: policies.sender,
    params: TransferParams,
    query: SentRecipientsQuery,
    answers: { 200: SentRecipients },
    refusals: [e.notYours],
    run: (ctx: BrokerContext, caller, { params, query }) => listSentRecipients(ctx, caller, { id: params.fileTransferId, ...query }),
  }),
];
