import { catalogue } from '#kernel/refusal.ts';

/**
 * What resumable upload refuses beside the catalogue of the Broker API. Texts are those of the original, which has no codes for
 * them: clients read a line of text. Source: compatibility.md, broker, §4.
 */
export const tusErrors = catalogue('BRO', {
  version: { code: 9970, status: 412, origin: 'budstikke', text: 'Tus version {version} is not supported. Supported versions: 1.0.0' },
  header: { code: 9971, status: 400, origin: 'budstikke', text: '{what}' },
  contentType: {
    code: 9972,
    status: 415,
    origin: 'budstikke',
    text: 'Content-Type {type} is invalid. Must be application/offset+octet-stream',
  },
  offset: {
    code: 9973,
    status: 409,
    origin: 'budstikke',
    text: 'Offset does not match file. File offset: {offset}. Request offset: {asked}',
  },
  joinedPatched: { code: 9974, status: 403, origin: 'budstikke', text: 'File with "Upload-Concat: final" cannot be patched' },
  inUse: { code: 9975, status: 423, origin: 'budstikke', text: 'File {id} is currently being updated. Please try again later' },
  checksum: { code: 9976, status: 460, origin: 'budstikke', text: 'Header Upload-Checksum does not match the checksum of the file' },
  parts: { code: 9977, status: 400, origin: 'budstikke', text: '{what}' },
  tooManyPieces: {
    code: 9978,
    status: 400,
    origin: 'budstikke',
    text: 'Upload exceeds maximum block count (50000) for file id {id}. Increase TUS chunk size to at least {least} bytes.',
  },
  hasBytes: {
    code: 9964,
    status: 409,
    origin: 'budstikke',
    text: 'File {id} has {offset} bytes of an upload that was begun before. HEAD tells how far it is and PATCH goes on; DELETE gives it up.',
  },
  tokenLapsed: {
    code: 9820,
    status: 401,
    origin: 'budstikke',
    text: 'The token has run out, and brought nothing to this upload before it did. A new one of the same sender goes on.',
  },
  noId: { code: 9979, status: 404, origin: 'budstikke', text: 'Missing file transfer id' },
});
