import Type from 'typebox';
import { type AnyRoute, route } from '#kernel/route.ts';
import type { BrokerContext } from '../context.ts';
import { brokerErrors as e } from '../errors.ts';
import { seenIfRefused } from '../look/note-refused.ts';
import { callsPerMinute, policies } from '../policies.ts';
import { confirmDownload, confirmRefusals } from '../receive/confirm-download.ts';
import { TransferParams } from '../wire.ts';
import { heldDigestIn, readHex } from './digest.ts';
import { showCustody } from './show-custody.ts';
import { ConfirmRequest, CustodyView } from './wire.ts';

const base = '/budstikke/v1/filetransfer/:fileTransferId';

/** Custody from hash to hash: our own operations. */
export const custodyRoutes: readonly AnyRoute[] = [
  route({
    method: 'GET',
    path: `${base}/custody`,
    callsPerMinute: callsPerMinute.usual,
    summary: 'Whose hash of the bytes of a file is what: its sender’s, ours and its recipients’, for either side.',
    scope: policies.senderOrRecipient,
    params: TransferParams,
    answers: { 200: CustodyView },
    refusals: [e.transferNotFound, e.noAccess],
    run: (ctx: BrokerContext, caller, { params }) =>
      seenIfRefused(ctx, caller, params.fileTransferId, 'look', () => showCustody(ctx, caller, params.fileTransferId)),
  }),
  route({
    method: 'POST',
    path: `${base}/confirm`,
    callsPerMinute: callsPerMinute.usual,
    summary: 'A recipient confirms that it has the file, with the SHA-256 of what it holds.',
    scope: policies.recipient,
    params: TransferParams,
    body: ConfirmRequest,
    bodyMayBeEmpty: true,
    answers: { 204: Type.Null() },
    refusals: confirmRefusals,
    run: async (ctx: BrokerContext, caller, { params, body, headers }) => {
      const id = params.fileTransferId;
      await seenIfRefused(ctx, caller, id, 'confirm', () =>
        confirmDownload(ctx, caller, { id, sha256: readHex(body.sha256) ?? heldDigestIn(headers) }),
      );
      return undefined;
    },
  }),
];
