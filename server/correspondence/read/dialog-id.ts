import { createHash } from 'node:crypto';
import type { CorrespondenceId } from '#kernel/ids.ts';

/**
 * Pure. The id of the dialog that stands for a message in an inbox: a UUID version 7 with the message's own time and a rest
 * that follows from its id, so that it is known without being stored. Source: compatibility.md, correspondence, §2.6, §4.10.
 */
export function dialogIdOf(id: CorrespondenceId): string {
  const digest = createHash('sha256').update(`dialog ${id}`).digest('hex');
  const variant = ((Number.parseInt(digest[3]!, 16) & 0x3) | 0x8).toString(16);
  return `${id.slice(0, 13)}-7${digest.slice(0, 3)}-${variant}${digest.slice(4, 7)}-${digest.slice(7, 19)}`;
}
