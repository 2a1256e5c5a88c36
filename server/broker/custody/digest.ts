import { refuse } from '#kernel/refusal.ts';
import { brokerErrors as e } from '../errors.ts';

const hex = /^[0-9a-f]{64}$/i;
const sha256Bytes = 32;

/** Pure. A SHA-256 in hexadecimal, of any case, in ours. */
export function readHex(text: string | null | undefined): string | null {
  return text && hex.test(text) ? text.toLowerCase() : null;
}

/**
 * Pure. The SHA-256 that a request says its file has (RFC 9530): in `Repr-Digest`, or in `Content-Digest`, which means the same of a
 * file that is sent whole. Lower-case hex; null where neither header speaks of SHA-256.
 * Refuses digestUnreadable where one does and nothing can be read out of it.
 */
export function digestIn(headers: Readonly<Record<string, string | undefined>>): string | null {
  return heldDigestIn(headers) ?? sha256In(headers['content-digest']);
}

/**
 * Pure. The SHA-256 of the file that a recipient says it holds: in `Repr-Digest` alone, since `Content-Digest` is of the bytes of this
 * very request, which clients that sign their messages send with each (RFC 9530 §2, RFC 9421). Refuses digestUnreadable.
 */
export function heldDigestIn(headers: Readonly<Record<string, string | undefined>>): string | null {
  return sha256In(headers['repr-digest']);
}

function sha256In(header: string | undefined): string | null {
  const member = header?.split(',').find((one) => /^\s*sha-256\s*(=|$)/i.test(one));
  if (member === undefined) return null;
  const encoded = /^\s*sha-256=:([A-Za-z0-9+/]*={0,2}):\s*$/i.exec(member)?.[1];
  const bytes = Buffer.from(encoded ?? '', 'base64');
  if (bytes.length !== sha256Bytes) throw refuse(e.digestUnreadable);
  return bytes.toString('hex');
}
