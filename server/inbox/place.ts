import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import { refuse } from '#kernel/refusal.ts';
import { inboxErrors as e } from './errors.ts';
import type { Order, Place } from './store/list.ts';

const algorithm = 'aes-256-gcm';

/**
 * Pure. Where a list goes on, as text that says nothing to whoever has it: it may be at an entry that is hidden from them. The nonce is made
 * of key and place, so the same place is the same text, and no two places share one.
 */
export function writePlace(key: Buffer, order: Order, { at, id, party }: Place): string {
  const text = `${order.padEnd(6)} ${at} ${id} ${party}`;
  const nonce = createHmac('sha256', key).update(text).digest().subarray(0, 12);
  const cipher = createCipheriv(algorithm, key, nonce);
  const sealed = Buffer.concat([cipher.update(text, 'latin1'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
}

const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const form = new RegExp(`^(newest|oldest|due) +(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z) (${uuid}) (${uuid})$`);

/** Pure. Refuses placeNotValid, also for the place of a list in another order. */
export function readPlace(key: Buffer, text: string, order: Order): Place {
  const [, of, at, id, party] = form.exec(open(key, Buffer.from(text, 'base64url')) ?? '') ?? [];
  if (of !== order) throw refuse(e.placeNotValid);
  return { at: at!, id: id!, party: party! };
}

/** Undefined for what was not sealed with this key. */
function open(key: Buffer, sealed: Buffer): string | undefined {
  if (sealed.length < 28) return undefined;
  try {
    const decipher = createDecipheriv(algorithm, key, sealed.subarray(0, 12)).setAuthTag(sealed.subarray(12, 28));
    return Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]).toString('latin1');
  } catch {
    return undefined;
  }
}
