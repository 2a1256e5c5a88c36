import Type from 'typebox';
import type { FileTransferId } from '#kernel/ids.ts';
import { type AnyRoute, route } from '#kernel/route.ts';
import { IdOf } from '#kernel/schema.ts';
import { DecisionRequest, WatchView, watchErrors } from '#watch/index.ts';
import type { BrokerContext } from '../context.ts';
import { policies } from '../policies.ts';
import { TransferParams, TransferStatusName } from '../wire.ts';
import { acceptUnfetched, showTransferWatch } from './decide-transfer.ts';
import { decideErrors as e } from './errors.ts';
import { recallTransfer } from './recall-transfer.ts';

const base = '/budstikke/v1/filetransfer/:fileTransferId/recipients/:organizationNumber';
const Params = Type.Object({ fileTransferId: IdOf<FileTransferId>(), organizationNumber: Type.String({ pattern: '^[0-9]{9}$' }) });

/** As of a decision about a message. */
const { name, reason } = DecisionRequest.properties;
const Acceptance = Type.Object({ name, reason });

const transfer = '/budstikke/v1/filetransfer/:fileTransferId';
const Numbers = Type.Array(Type.String(), { description: 'Organization numbers.' });
const RecallAnswer = Type.Object({
  fileTransferId: IdOf<FileTransferId>(),
  fileTransferStatus: TransferStatusName,
  /** From whom it was taken back before they had begun to fetch it. */
  unfetched: Numbers,
  /** From whom it was taken back although they have begun to fetch it: they may hold it. */
  fetched: Numbers,
  /** They have confirmed, and hold it. */
  confirmed: Numbers,
});

/** Our own operations on file transfers. */
export const decideRoutes: readonly AnyRoute[] = [
  route({
    method: 'GET',
    path: `${base}/watch`,
    summary: 'How far a recipient of a file has come: who can fetch it (class and counts), why it has not, what happens next and when.',
    scope: policies.sender,
    params: Params,
    answers: { 200: WatchView },
    refusals: [e.notSent, watchErrors.watchMissing],
    run: (ctx: BrokerContext, caller, { params }) =>
      showTransferWatch(ctx, caller, { id: params.fileTransferId, recipient: params.organizationNumber }),
  }),
  route({
    method: 'POST',
    path: `${transfer}/recall`,
    summary: 'The sender takes a file back from all that have not confirmed it, with a name and a reason.',
    scope: policies.sender,
    params: TransferParams,
    body: Acceptance,
    answers: { 200: RecallAnswer },
    refusals: [e.notYours, e.nobodyToRecallFrom, e.overAlready, watchErrors.decidedOtherwise],
    run: (ctx: BrokerContext, caller, { params, body }) => recallTransfer(ctx, caller, { id: params.fileTransferId, ...body }),
  }),
  route({
    method: 'POST',
    path: `${base}/accept-unfetched`,
    summary: 'The sender accepts that a recipient will not fetch a file, or not confirm one that it fetched, with a name and a reason.',
    scope: policies.sender,
    params: Params,
    body: Acceptance,
    answers: { 200: WatchView },
    refusals: [e.notSent, watchErrors.alreadyEnded, watchErrors.decidedOtherwise, watchErrors.notPublished, watchErrors.watchMissing],
    run: (ctx: BrokerContext, caller, { params, body }) =>
      acceptUnfetched(ctx, caller, { id: params.fileTransferId, recipient: params.organizationNumber, ...body }),
  }),
];
