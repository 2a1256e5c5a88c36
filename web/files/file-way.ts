import type { SentFile } from '../api/files.ts';
import type { Say } from '../ui/language.ts';
import type { Way } from '../ui/stick-lying.tsx';

/** Announced, uploaded, to be fetched, fetched by all, confirmed by all. */
export function wayOf({ status, recipients: { all, unfetched, confirmed } }: Pick<SentFile, 'status' | 'recipients'>): Way {
  const isThere = status === 'Published' || status === 'AllConfirmedDownloaded' || status === 'Purged';
  const isUp = isThere || status === 'UploadProcessing' || status === 'Failed';
  const steps = [true, isUp, isThere, isThere && unfetched === 0, isThere && confirmed === all];
  const next = steps.indexOf(false);
  return { notches: steps.length, cut: next === -1 ? steps.length : next, settled: next === -1, isOnItsWay: status === 'UploadProcessing' };
}

/** What waits for the sender: the bytes that have not come, what was stopped, and what is deleted unless it decides. */
export function mustAct({ status, bytesUntil }: Pick<SentFile, 'status' | 'bytesUntil'>): boolean {
  return status === 'Initialized' || status === 'UploadStarted' || status === 'Failed' || (status === 'Purged' && bytesUntil !== null);
}

/** Where a file stands, in words. */
export function standingText(
  t: Say,
  { status, bytesUntil, recipients: { all, unfetched, confirmed } }: Pick<SentFile, 'status' | 'bytesUntil' | 'recipients'>,
  day: (at: string) => string,
): string {
  if (status === 'Purged' && bytesUntil !== null) return t('files.keptUntil', { at: day(bytesUntil) });
  if (status !== 'Published') return t(`fileState.${status}`);
  if (confirmed > 0) return t('files.confirmedOf', { confirmed, count: all });
  return unfetched === all ? t('files.nobodyFetched') : t('files.fetchedOf', { fetched: all - unfetched, count: all });
}
