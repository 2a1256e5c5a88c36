import { randomFillSync } from 'node:crypto';

declare const brand: unique symbol;
export type Branded<T, B extends string> = T & { readonly [brand]: B };

export type PartyId = Branded<string, 'PartyId'>;
export type ResourceId = Branded<string, 'ResourceId'>;
export type CorrespondenceId = Branded<string, 'CorrespondenceId'>;
export type AttachmentId = Branded<string, 'AttachmentId'>;
export type FileTransferId = Branded<string, 'FileTransferId'>;
export type BlobKey = Branded<string, 'BlobKey'>;

let lastMillis = 0;
let sequence = 0;
/** Random bytes are drawn some hundred ids at a time: drawing is dear, and mass post takes ten ids a message. */
const pool = Buffer.alloc(10 * 256);
let used = pool.length;

function tenRandomBytes(): Buffer {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += 10;
  return pool.subarray(used - 10, used);
}

/**
 * A UUID version 7 (RFC 9562 §6.2, method 1): milliseconds, then a 12-bit counter that keeps ids of one
 * process in order within a millisecond, then 62 random bits. Real time on purpose: ids order rows, they date nothing.
 */
export function newId<T extends string = string>(): T {
  const millis = Date.now();
  const random = tenRandomBytes();
  if (millis > lastMillis) {
    lastMillis = millis;
    sequence = random.readUInt16BE(8) & 0x7ff;
  } else {
    sequence += 1;
    if (sequence > 0xfff) {
      lastMillis += 1;
      sequence = 0;
    }
  }
  const time = lastMillis.toString(16).padStart(12, '0');
  const counter = (0x7000 | sequence).toString(16);
  const variant = ((random[0]! & 0x3f) | 0x80).toString(16).padStart(2, '0');
  const rest = random.toString('hex', 1, 8);
  return `${time.slice(0, 8)}-${time.slice(8)}-${counter}-${variant}${rest.slice(0, 2)}-${rest.slice(2)}` as T;
}
