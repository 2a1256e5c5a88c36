import type { Purpose } from '#notifications/index.ts';

const ofFiles: Partial<Record<Purpose, Purpose>> = {
  'new-mail': 'new-file',
  reminder: 'file-reminder',
  'reminder-confirm': 'file-confirm',
  sealed: 'file-sealed',
  'sealed-attachment': 'file-sealed',
  fallback: 'file-fallback',
  'fallback-unread': 'file-fallback',
  'key-roles': 'file-key-roles',
  'sender-unread': 'files-unread',
  'sender-decision': 'files-decision',
  'sender-failed': 'files-failed',
  'sender-expiring': 'files-expiring',
};

/** Pure. Ladders speak of post; of a file the words are others, whatever ladder it climbs. */
export function wordsFor(purpose: Purpose, { isFile }: { readonly isFile: boolean }): Purpose {
  return isFile ? (ofFiles[purpose] ?? purpose) : purpose;
}
