import Type from 'typebox';
import { chosenBytes } from '#kernel/byte-range.ts';
import { type AnyRoute, route } from '#kernel/route.ts';
import type { CorrespondenceContext } from '../context.ts';
import { correspondenceErrors as e } from '../errors.ts';
import { policies } from '../policies.ts';
import { AttachmentParams, BareId } from '../wire.ts';
import { downloadOwnAttachment } from './download-own-attachment.ts';
import { initializeAttachment } from './initialize-attachment.ts';
import { fileAnswers, fileDescribed, fileSent, noSuchPart, partAskedBy } from './part-answer.ts';
import { purgeAttachment } from './purge-attachment.ts';
import { getAttachmentDetails, getAttachmentOverview } from './read-attachment.ts';
import { uploadAttachment } from './upload-attachment.ts';
import { AttachmentDetails, AttachmentOverview, InitializeAttachment } from './wire.ts';

const base = '/correspondence/api/v1/attachment';
const callerRefusals = [e.callerUnknown, e.callerPartyNotFound];

const download = {
  path: `${base}/:attachmentId/download`,
  scope: policies.sender,
  params: AttachmentParams,
  mediaType: 'application/octet-stream',
  anyAccept: true,
  refusals: [e.attachmentNotFound, e.noAccess, e.attachmentPurged, e.attachmentExpired, e.attachmentIsPublished],
} as const;

export const attachmentRoutes: readonly AnyRoute[] = [
  route({
    method: 'POST',
    path: base,
    summary: 'A sender announces a file that messages may share.',
    scope: policies.sender,
    body: InitializeAttachment,
    answers: { 200: BareId },
    refusals: [
      e.resourceNotFound,
      e.noAccess,
      e.resourceTypeForAttachment,
      e.fileNameMissing,
      e.fileNameTooLong,
      e.fileTypeNotAllowed,
      e.fileNameInvalid,
      e.fileNameReserved,
      e.expirationTooSoon,
      ...callerRefusals,
    ],
    run: (ctx: CorrespondenceContext, caller, { body }) => initializeAttachment(ctx, caller, body),
  }),
  route({
    method: 'POST',
    path: `${base}/:attachmentId/upload`,
    summary: 'The sender hands over the bytes of an attachment.',
    scope: policies.sender,
    params: AttachmentParams,
    bodyKind: 'bytes',
    receivesFile: true,
    // What is too long meets the refusal of the use case, not the border's.
    maxBodyBytes: Number.MAX_SAFE_INTEGER,
    answers: { 200: AttachmentOverview },
    refusals: [
      e.attachmentNotFound,
      e.noAccess,
      e.fileSize,
      e.alreadyUploaded,
      e.uploadAfterLinked,
      e.checksumMismatch,
      e.uploadFailed,
      e.uploadTimedOut,
      e.attachmentAlreadyPurged,
      ...callerRefusals,
    ],
    run: (ctx: CorrespondenceContext, caller, { params, stream, headers }) => {
      const announced = headers['content-length'];
      return uploadAttachment(ctx, caller, {
        id: params.attachmentId,
        stream,
        contentLength: announced === undefined ? null : Number(announced),
      });
    },
  }),
  route({
    method: 'GET',
    path: `${base}/:attachmentId`,
    summary: 'An attachment and where it stands, for its sender.',
    scope: policies.sender,
    params: AttachmentParams,
    answers: { 200: AttachmentOverview },
    refusals: [e.attachmentNotFound, e.noAccess],
    run: (ctx: CorrespondenceContext, caller, { params }) => getAttachmentOverview(ctx, caller, params.attachmentId),
  }),
  route({
    method: 'GET',
    path: `${base}/:attachmentId/details`,
    summary: 'An attachment with its history, for its sender.',
    scope: policies.sender,
    params: AttachmentParams,
    answers: { 200: AttachmentDetails },
    refusals: [e.attachmentNotFound, e.noAccess],
    run: (ctx: CorrespondenceContext, caller, { params }) => getAttachmentDetails(ctx, caller, params.attachmentId),
  }),
  route({
    ...download,
    method: 'GET',
    givesFile: true,
    summary: 'The sender fetches its own file back, until a message with it is published.',
    answers: fileAnswers,
    run: async (ctx: CorrespondenceContext, caller, { params, headers }) => {
      const file = await downloadOwnAttachment(ctx, caller, params.attachmentId);
      const bytes = chosenBytes(partAskedBy(headers), file.sizeBytes, file.entityTag);
      if (bytes === 'unsatisfiable') return noSuchPart(file);
      return fileSent(file, { bytes, stream: await file.read(bytes === 'whole' ? undefined : bytes) });
    },
  }),
  route({
    ...download,
    method: 'HEAD',
    summary: 'The size of the file that the sender would fetch.',
    answers: { 200: Type.Null() },
    run: async (ctx: CorrespondenceContext, caller, { params }) =>
      fileDescribed(await downloadOwnAttachment(ctx, caller, params.attachmentId), { 'content-type': download.mediaType }),
  }),
  route({
    method: 'DELETE',
    path: `${base}/:attachmentId`,
    summary: 'The sender takes away a file that no message carries.',
    scope: policies.sender,
    params: AttachmentParams,
    answers: { 200: Type.Null() },
    refusals: [
      e.attachmentNotFound,
      e.noAccess,
      e.attachmentAlreadyPurged,
      e.attachmentAlreadyExpired,
      e.attachmentIsLinked,
      ...callerRefusals,
    ],
    run: (ctx: CorrespondenceContext, caller, { params }) => purgeAttachment(ctx, caller, params.attachmentId),
  }),
];
