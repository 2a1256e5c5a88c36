import type { BlobKey } from '#kernel/ids.ts';
import { Misfit } from '#kernel/misfit.ts';
import { type AnyRoute, type ReceivedFile, route } from '#kernel/route.ts';
import type { BrokerContext } from '../context.ts';
import { digestIn } from '../custody/digest.ts';
import { brokerErrors as e } from '../errors.ts';
import { callsPerMinute, policies } from '../policies.ts';
import { TransferIdAnswer, TransferParams } from '../wire.ts';
import { initializeTransfer } from './initialize-transfer.ts';
import { uploadStored, uploadTransfer } from './upload-transfer.ts';
import { InitializeTransfer, InitializeWithFile } from './wire.ts';

const base = '/broker/api/v1/filetransfer';

const initializing = [
  e.noAccess,
  e.unscannedNeedsApproval,
  e.recipientsUnknown,
  e.recipientsNotInList,
  e.requiredPartyOneRecipient,
  e.requiredPartyMissing,
] as const;
const uploading = [
  e.transferNotFound,
  e.noAccess,
  e.alreadyUploaded,
  e.resourceNotConfigured,
  e.fileTooLarge,
  e.checksumMismatch,
  e.uploadFailed,
] as const;

/** Bytes of the file in a form. Source: compatibility.md, broker, §2.3. */
const formFileBytes = 2_147_483_647;

export const sendRoutes: readonly AnyRoute[] = [
  route({
    method: 'POST',
    path: base,
    callsPerMinute: callsPerMinute.usual,
    summary: 'A sender announces a file to other organizations.',
    scope: policies.sender,
    body: InitializeTransfer,
    answers: { 200: TransferIdAnswer },
    refusals: initializing,
    run: async (ctx: BrokerContext, caller, { body }) => ({ fileTransferId: await initializeTransfer(ctx, caller, body) }),
  }),
  route({
    method: 'POST',
    path: `${base}/:fileTransferId/upload`,
    callsPerMinute: callsPerMinute.usual,
    summary: 'The sender hands over the bytes of a file.',
    scope: policies.sender,
    params: TransferParams,
    bodyKind: 'bytes',
    receivesFile: true,
    bodyTypeNeeded: true,
    // What is too long meets the refusal of the use case, not the border's.
    maxBodyBytes: Number.MAX_SAFE_INTEGER,
    answers: { 200: TransferIdAnswer },
    refusals: [...uploading, e.digestUnreadable],
    run: async (ctx: BrokerContext, caller, { params, stream, headers }) => {
      const announced = headers['content-length'];
      const contentLength = announced === undefined ? null : Number(announced);
      const sha256 = digestIn(headers);
      return { fileTransferId: await uploadTransfer(ctx, caller, { id: params.fileTransferId, stream, contentLength, sha256 }) };
    },
  }),
  route({
    method: 'POST',
    path: `${base}/upload`,
    callsPerMinute: callsPerMinute.usual,
    summary: 'A sender announces a file and hands over its bytes, in one form.',
    scope: policies.sender,
    bodyKind: 'form',
    body: InitializeWithFile,
    maxBodyBytes: formFileBytes,
    answers: { 200: TransferIdAnswer },
    refusals: [...initializing, ...uploading.filter((row) => row !== e.noAccess && row !== e.transferNotFound)],
    run: async (ctx: BrokerContext, caller, { body, files }) => {
      const file = files.find(({ fieldName }) => fieldName.toLowerCase() === 'filetransfer');
      await removeOthers(ctx, files, file);
      if (!file) throw new Misfit([{ key: 'FileTransfer', detail: 'The FileTransfer field is required.' }]);
      const id = await initializeTransfer(ctx, caller, body.metadata);
      return { fileTransferId: await uploadStored(ctx, caller, id, { ...file, key: file.key as BlobKey }) };
    },
  }),
];

function removeOthers(ctx: BrokerContext, files: readonly ReceivedFile[], file: ReceivedFile | undefined): Promise<unknown> {
  return Promise.all(files.filter((each) => each !== file).map(({ key }) => ctx.blobs.remove(key as BlobKey)));
}
