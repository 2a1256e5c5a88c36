import type { UnreadItem } from '../api/sent.ts';
import type { Say } from '../ui/language.ts';

/** Why something lies unread, in words; what is opened of a letter is fetched of a file. */
export function causeText(t: Say, kind: UnreadItem['kind'], cause: UnreadItem['cause'], dueAt: string): string {
  return kind === 'file' && cause === 'opened-not-confirmed' ? t('unread.fetchedNotConfirmed') : t(`cause.${cause}`, { dueAt });
}
