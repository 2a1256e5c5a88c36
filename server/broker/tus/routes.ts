import Type from 'typebox';
import { type AnyRoute, Reply, type Route, route } from '#kernel/route.ts';
import type { BrokerContext } from '../context.ts';
import { brokerErrors } from '../errors.ts';
import { policies } from '../policies.ts';
import { beginUpload } from './begin-upload.ts';
import { endUpload } from './end-upload.ts';
import { tusErrors as e } from './errors.ts';
import { abilities, addressOf, base, partIdIn, refuseOtherVersions, transferIdIn, version } from './protocol.ts';
import { showUpload } from './show-upload.ts';
import type { TusUploadId } from './store.ts';
import { writeUpload } from './write-upload.ts';

const { transferNotFound, noAccess, alreadyUploaded, resourceNotConfigured, fileTooLarge, checksumMismatch } = brokerErrors;
const known = [e.version, e.noId, e.tokenLapsed, transferNotFound, noAccess, alreadyUploaded];
const writing = [e.header, e.contentType, e.inUse, e.checksum, fileTooLarge, checksumMismatch];
const refusals = {
  POST: [...known, ...writing, resourceNotConfigured, e.parts, e.hasBytes],
  HEAD: [...known, checksumMismatch],
  PATCH: [...known, ...writing, e.offset, e.joinedPatched, e.tooManyPieces],
  DELETE: known,
} as const;

/** An id that is none is answered as one that nobody knows, so no shape is asked of it here. */
const WholeParams = Type.Object({ fileTransferId: Type.String() });
const PartParams = Type.Object({ fileTransferId: Type.String(), partialId: Type.String() });

const common = { scope: policies.sender, anyAccept: true, answersInText: { 'tus-resumable': version } } as const;
/** Of what goes on with an upload; `own-upload.ts` judges. */
const mayLapse = { takesLapsed: true } as const;
const bytes = { bodyKind: 'bytes', bodyType: 'any', receivesFile: true, maxBodyBytes: Number.MAX_SAFE_INTEGER } as const;
const nothing = Type.Null();

const expires = (at: Date | null): Readonly<Record<string, string>> => (at === null ? {} : { 'upload-expires': at.toUTCString() });

/** Of a part; `undefined` in the parameters is the file as a whole, and an id that is none is that of no part. */
function partOf(params: object): TusUploadId | null {
  const { partialId } = params as { readonly partialId?: string };
  if (partialId === undefined) return null;
  return partIdIn(partialId) ?? ('00000000-0000-0000-0000-000000000000' as TusUploadId);
}

type Row = Pick<Route<BrokerContext>, 'path'> & { readonly params: typeof WholeParams };

/** What can be done to an upload that is there, as a whole or a part. */
function existing({ path, params }: Row, of: string): readonly AnyRoute[] {
  return [
    route({
      ...common,
      ...mayLapse,
      method: 'HEAD',
      path,
      params,
      summary: `How far ${of} is.`,
      answers: { 200: nothing },
      refusals: refusals.HEAD,
      run: async (ctx: BrokerContext, caller, { params: given, headers }) => {
        refuseOtherVersions(headers);
        const { offset, length, metadata, concat, expiresAt } = await showUpload(ctx, caller, {
          id: transferIdIn(given.fileTransferId),
          partId: partOf(given),
        });
        return new Reply(200, undefined, {
          ...(offset === null ? {} : { 'upload-offset': String(offset) }),
          'upload-length': String(length),
          ...(metadata === null ? {} : { 'upload-metadata': metadata }),
          ...(concat === null ? {} : { 'upload-concat': concat }),
          ...expires(expiresAt),
        });
      },
    }),
    route({
      ...common,
      ...mayLapse,
      ...bytes,
      byPost: true,
      method: 'PATCH',
      path,
      params,
      summary: `The sender goes on with ${of}, from where it is.`,
      answers: { 204: nothing },
      refusals: refusals.PATCH,
      run: async (ctx: BrokerContext, caller, { params: given, headers, stream, trailers }) => {
        refuseOtherVersions(headers);
        const id = transferIdIn(given.fileTransferId);
        const { offset, expiresAt } = await writeUpload(ctx, caller, { id, partId: partOf(given), headers, stream, trailers });
        return new Reply(204, undefined, { 'upload-offset': String(offset), ...expires(expiresAt) });
      },
    }),
    route({
      ...common,
      ...mayLapse,
      byPost: true,
      method: 'DELETE',
      path,
      params,
      summary: `The sender gives up ${of}.`,
      answers: { 204: nothing },
      refusals: refusals.DELETE,
      run: async (ctx: BrokerContext, caller, { params: given, headers }) => {
        refuseOtherVersions(headers);
        await endUpload(ctx, caller, { id: transferIdIn(given.fileTransferId), partId: partOf(given) });
        return undefined;
      },
    }),
  ];
}

/** Uploads that are cut off and go on: tus 1.0.0. Source: compatibility.md, broker, §4. */
export const tusRoutes: readonly AnyRoute[] = [
  route({
    ...common,
    method: 'OPTIONS',
    path: `${base}/:fileTransferId`,
    params: WholeParams,
    summary: 'What resumable upload can do here.',
    answers: { 204: nothing },
    refusals: [],
    run: async () => new Reply(204, undefined, abilities),
  }),
  route({
    ...common,
    ...mayLapse,
    ...bytes,
    method: 'POST',
    path: `${base}/:fileTransferId`,
    params: WholeParams,
    summary: 'The sender begins to upload a file, or a part of it, or makes a file of its parts.',
    answers: { 201: nothing },
    refusals: refusals.POST,
    run: async (ctx: BrokerContext, caller, { params, headers, stream, trailers }) => {
      refuseOtherVersions(headers);
      const id = transferIdIn(params.fileTransferId);
      const { partId, expiresAt, offset } = await beginUpload(ctx, caller, { id, headers, stream, trailers });
      return new Reply(201, undefined, {
        location: addressOf(id, partId),
        ...(offset === null ? {} : { 'upload-offset': String(offset) }),
        ...expires(expiresAt),
      });
    },
  }),
  ...existing({ path: `${base}/:fileTransferId`, params: WholeParams }, 'an upload'),
  ...existing({ path: `${base}/:fileTransferId/partial/:partialId`, params: PartParams }, 'a part of an upload'),
  // As older clients of the original write it.
  ...existing({ path: `${base}/:fileTransferId/:partialId`, params: PartParams }, 'a part of an upload, by its older address'),
];
