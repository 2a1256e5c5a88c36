import { createHash } from 'node:crypto';
import type { CorrespondenceId } from '#kernel/ids.ts';

/** Pure. The id of a part of a dialog that is stored nowhere: a UUID version 7 with the message's time, the same each time. */
export function partId(message: CorrespondenceId, part: string): string {
  return digested(message.slice(0, 13), '7', `${message} ${part}`);
}

/** Pure. A revision as the original writes it, a UUID version 4, that is another when what it stands for is. */
export function revisionOf(message: CorrespondenceId, what: string): string {
  const digest = createHash('sha256').update(`${message} revision ${what}`).digest('hex');
  return digested(`${digest.slice(40, 48)}-${digest.slice(48, 52)}`, '4', `${message} revision ${what}`);
}

/** Pure. The revision of labels that nobody has touched. */
export function firstRevision(message: CorrespondenceId): string {
  return revisionOf(message, 'labels');
}

function digested(beginning: string, version: '4' | '7', text: string): string {
  const digest = createHash('sha256').update(text).digest('hex');
  const variant = ((Number.parseInt(digest[3]!, 16) & 0x3) | 0x8).toString(16);
  return `${beginning}-${version}${digest.slice(0, 3)}-${variant}${digest.slice(4, 7)}-${digest.slice(7, 19)}`;
}
