import type { File } from './begin-download.ts';

/** Pure. A name that any client can show: quotes, backslashes and what is not ASCII as `_` in the plain form, the whole beside it. */
export function asAttachment(fileName: string): string {
  const plain = fileName.replaceAll(/[^\x20-\x7e]|["\\%;/]/gu, '_');
  const whole = encodeURIComponent(fileName.toWellFormed()).replaceAll(/['()*!]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${whole}`;
}

/** Pure. What is said of a file, whole or in part: the digest is that of the whole (RFC 9530 §3). */
export function fileHeaders({ fileName, entityTag, sha256 }: File): Readonly<Record<string, string>> {
  return {
    'content-type': 'application/octet-stream',
    'content-disposition': asAttachment(fileName),
    'accept-ranges': 'bytes',
    etag: entityTag,
    'repr-digest': `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`,
  };
}

/** Pure. Whether the client wants another file than this one: a tag must be ours, to the letter. Source: RFC 9110 §13.1.1. */
export function wantsOther(ifMatch: string | undefined, entityTag: string): boolean {
  if (ifMatch === undefined) return false;
  return !ifMatch.split(',').some((tag) => tag.trim() === '*' || tag.trim() === entityTag);
}

/** Pure. Whether the client says that it has this very file. Source: RFC 9110 §13.1.2. */
export function isSame(ifNoneMatch: string | undefined, entityTag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === entityTag);
}
