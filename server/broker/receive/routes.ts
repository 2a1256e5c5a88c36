import Type from 'typebox';
import { refuse } from '#kernel/refusal.ts';
import { type AnyRoute, Reply, route } from '#kernel/route.ts';
import type { BrokerContext } from '../context.ts';
import { heldDigestIn } from '../custody/digest.ts';
import { brokerErrors as e } from '../errors.ts';
import { seenIfRefused } from '../look/note-refused.ts';
import { callsPerMinute, policies } from '../policies.ts';
import { TransferParams } from '../wire.ts';
import { confirmDownload, confirmRefusals } from './confirm-download.ts';
import { downloadTransfer, inspectTransfer } from './download-transfer.ts';
import { fileHeaders, isSame, wantsOther } from './file-answer.ts';

const base = '/broker/api/v1/filetransfer';
const binary = Type.String({ format: 'binary' });

const download = {
  path: `${base}/:fileTransferId/download`,
  scope: policies.recipient,
  params: TransferParams,
  mediaType: 'application/octet-stream',
  anyAccept: true,
  callsPerMinute: callsPerMinute.usual,
} as const;
const refusals = [e.transferNotFound, e.noAccess, e.notReady, e.nothingUploaded, e.resourceNotConfigured];

export const receiveRoutes: readonly AnyRoute[] = [
  route({
    ...download,
    method: 'GET',
    givesFile: true,
    summary: 'A recipient downloads a file, or a part of it.',
    answers: { 200: binary, 206: binary, 304: Type.Null() },
    refusals: [...refusals, e.rangeNotSatisfiable, e.otherFile],
    run: async (ctx: BrokerContext, caller, { params, headers }) => {
      const id = params.fileTransferId;
      if (headers['if-match'] !== undefined || headers['if-none-match'] !== undefined) {
        const known = await seenIfRefused(ctx, caller, id, 'download', () => inspectTransfer(ctx, caller, id));
        if (wantsOther(headers['if-match'], known.entityTag)) throw refuse(e.otherFile, { id });
        if (isSame(headers['if-none-match'], known.entityTag)) return new Reply(304, undefined, { etag: known.entityTag });
      }
      const file = await seenIfRefused(ctx, caller, id, 'download', () =>
        downloadTransfer(ctx, caller, { id, part: { range: headers.range, ifRange: headers['if-range'] } }),
      );
      const { bytes, sizeBytes, stream, recordEnd } = file;
      if (bytes === 'whole') return new Reply(200, stream, { ...fileHeaders(file), 'content-length': String(sizeBytes) }, recordEnd);
      const { start, end } = bytes;
      const ofPart = { 'content-range': `bytes ${start}-${end}/${sizeBytes}`, 'content-length': String(end - start + 1) };
      return new Reply(206, stream, { ...fileHeaders(file), ...ofPart }, recordEnd);
    },
  }),
  route({
    ...download,
    method: 'HEAD',
    summary: 'The size and digest of a file that a recipient would download.',
    answers: { 200: Type.Null(), 304: Type.Null() },
    refusals: [...refusals, e.otherFile],
    run: async (ctx: BrokerContext, caller, { params, headers }) => {
      const id = params.fileTransferId;
      const file = await seenIfRefused(ctx, caller, id, 'download', () => inspectTransfer(ctx, caller, id));
      if (wantsOther(headers['if-match'], file.entityTag)) throw refuse(e.otherFile, { id });
      if (isSame(headers['if-none-match'], file.entityTag)) return new Reply(304, undefined, { etag: file.entityTag });
      return new Reply(200, undefined, { ...fileHeaders(file), 'content-length': String(file.sizeBytes) });
    },
  }),
  route({
    method: 'POST',
    path: `${base}/:fileTransferId/confirmdownload`,
    callsPerMinute: callsPerMinute.usual,
    summary: 'A recipient confirms that it has the file; with Repr-Digest, that it holds the very bytes that were sent.',
    scope: policies.recipient,
    params: TransferParams,
    answers: { 204: Type.Null() },
    refusals: confirmRefusals,
    run: async (ctx: BrokerContext, caller, { params, headers }) => {
      const id = params.fileTransferId;
      await seenIfRefused(ctx, caller, id, 'confirm', () => confirmDownload(ctx, caller, { id, sha256: heldDigestIn(headers) }));
      return undefined;
    },
  }),
];
