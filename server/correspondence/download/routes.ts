import Type from 'typebox';
import { type AnyRoute, Reply, route } from '#kernel/route.ts';
import { asAttachment, downloadHeaders } from '../attachments/file-name.ts';
import { fileAnswers, fileDescribed, fileSent, noSuchPart, partAskedBy } from '../attachments/part-answer.ts';
import type { CorrespondenceContext } from '../context.ts';
import { correspondenceErrors as e } from '../errors.ts';
import { policies } from '../policies.ts';
import { seenIfRefused } from '../read/note-refused.ts';
import { CorrespondenceAttachmentParams, CorrespondenceParams } from '../wire.ts';
import { downloadAllAttachments } from './download-all-attachments.ts';
import { downloadAttachment, inspectAttachment } from './download-attachment.ts';

const base = '/correspondence/api/v1/correspondence';
const callerRefusals = [e.callerUnknown, e.callerPartyNotFound];

const download = {
  path: `${base}/:correspondenceId/attachment/:attachmentId/download`,
  scope: policies.download,
  cors: true,
  params: CorrespondenceAttachmentParams,
  mediaType: 'application/octet-stream',
  anyAccept: true,
  refusals: [e.correspondenceNotFound, e.attachmentNotFound, e.noAccess, e.attachmentPurged, e.attachmentExpired, ...callerRefusals],
} as const;

export const downloadRoutes: readonly AnyRoute[] = [
  route({
    ...download,
    method: 'GET',
    givesFile: true,
    browser: true,
    summary: 'The recipient downloads a file of a message.',
    answers: fileAnswers,
    run: async (ctx: CorrespondenceContext, caller, { params, headers }) => {
      const part = partAskedBy(headers);
      const file = await seenIfRefused(ctx, caller, params.correspondenceId, 'download', () =>
        downloadAttachment(ctx, caller, { ...params, part }),
      );
      if (file.bytes === 'unsatisfiable') return noSuchPart(file);
      return fileSent(file, file, downloadHeaders(file.fileName));
    },
  }),
  route({
    ...download,
    method: 'HEAD',
    summary: 'The size and type of a file that the recipient would download.',
    answers: { 200: Type.Null() },
    run: async (ctx: CorrespondenceContext, caller, { params }) => {
      const file = await seenIfRefused(ctx, caller, params.correspondenceId, 'download', () => inspectAttachment(ctx, caller, params));
      return fileDescribed(file, downloadHeaders(file.fileName));
    },
  }),
  route({
    method: 'GET',
    path: `${base}/:correspondenceId/attachments/downloadall`,
    givesFile: true,
    browser: true,
    summary: 'The recipient downloads all files of a message as one ZIP archive.',
    scope: policies.download,
    cors: true,
    params: CorrespondenceParams,
    mediaType: 'application/zip',
    anyAccept: true,
    answers: { 200: Type.String({ format: 'binary' }) },
    refusals: [
      e.correspondenceNotFound,
      e.noAccess,
      e.attachmentNotFound,
      e.attachmentPurged,
      e.attachmentExpired,
      e.zipTooLarge,
      ...callerRefusals,
    ],
    run: async (ctx: CorrespondenceContext, caller, { params }) => {
      const { correspondenceId: id } = params;
      const zip = await seenIfRefused(ctx, caller, id, 'download', () => downloadAllAttachments(ctx, caller, id));
      const { fileName, sizeBytes, stream, recordEnd } = zip;
      const headers = { 'content-disposition': asAttachment(fileName), 'content-length': String(sizeBytes) };
      return new Reply(200, stream, headers, recordEnd);
    },
  }),
];
