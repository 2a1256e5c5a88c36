import type { SentItem } from '../api/sent.ts';
import { timeNow } from '../api/time.ts';
import type { Way } from '../ui/stick-lying.tsx';

/** Causes that wait for a person. With the others nobody need do anything yet: what comes next comes by itself. */
const someoneMustAct: ReadonlySet<string> = new Set([
  'returned',
  'receiver-gone',
  'no-opener',
  'grant-needed',
  'attachment-locked',
  'no-contact-point',
  'notification-failed',
  'opened-not-confirmed',
]);

export function isCalm(cause: string | null): boolean {
  return cause === null || !someoneMustAct.has(cause);
}

type NotThere = Pick<SentItem, 'publishAt' | 'publishedAt' | 'outcome'> & { readonly cause: string | null };

/** When it is laid in the inbox, where its sender has chosen a time that is to come. */
export function laidAt({ publishAt, publishedAt, outcome, cause }: NotThere): string | null {
  if (publishedAt !== null || outcome !== null || cause !== 'not-published') return null;
  return Date.parse(publishAt) > timeNow() ? publishAt : null;
}

/** Sent, laid in the inbox, opened and, where it is asked for, confirmed. */
export function wayOf({ publishedAt, openedAt, confirmedAt, confirmNeeded, outcome, cause }: SentItem): Way {
  const steps = [true, publishedAt !== null, openedAt !== null, ...(confirmNeeded ? [confirmedAt !== null] : [])];
  const next = steps.indexOf(false);
  return {
    notches: steps.length,
    cut: next === -1 ? steps.length : next,
    settled: outcome !== null,
    isOnItsWay: isCalm(cause),
  };
}
