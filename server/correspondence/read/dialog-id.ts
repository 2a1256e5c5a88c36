import type { CorrespondenceId } from '#kernel/ids.ts';
import type { Message } from '../store/message.ts';

/** What sets the two apart, group by group of the last 76 bits; version and variant stay. */
const masks = [0x0d1a, 0x3060, 0xb0d571, 0x4c7e11] as const;

/**
 * Pure. The id of the dialog that stands for a message in an inbox, or of the transmission that it is in the dialog of another: a
 * UUID version 7 with the message's own time. The rest is the message's own in other figures, so that no two messages have one
 * dialog, and the message is found again without the id being stored. Source: compatibility.md, correspondence, §2.6, §4.10.
 */
export function dialogIdOf(id: CorrespondenceId): string {
  return exchange(id);
}

/** Pure. The dialog in which a message stands: its own, or that of another. */
export function dialogOf({ id, transmissionOf }: Pick<Message, 'id' | 'transmissionOf'>): string {
  return dialogIdOf(transmissionOf ?? id);
}

/** Pure. The message that a dialog or a transmission stands for; an id that stands for none gives the id of no message. */
export function messageOfDialog(dialogId: string): CorrespondenceId {
  return exchange(dialogId.toLowerCase()) as CorrespondenceId;
}

/** Its own inverse. */
function exchange(id: string): string {
  const groups = [id.slice(14, 18), id.slice(19, 23), id.slice(24, 30), id.slice(30, 36)].map((group, i) =>
    (Number.parseInt(group, 16) ^ masks[i]!).toString(16).padStart(group.length, '0'),
  );
  return `${id.slice(0, 13)}-${groups[0]}-${groups[1]}-${groups[2]}${groups[3]}`;
}
