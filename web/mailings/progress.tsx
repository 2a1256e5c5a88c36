import { useEffect, useRef } from 'react';
import type { Mailing } from '../api/mailings.ts';
import { timeNow } from '../api/time.ts';
import { whisper } from '../ui/announce.tsx';
import { useDates } from '../ui/dates.ts';
import { locales, useText } from '../ui/language.ts';

/** A screen reader hears how far it has come no more often than this, and when it is done. */
const sayEveryMillis = 15_000;

/** How much of a mailing is sent: a bar to see, words to read, and now and then a word to hear. */
export function Progress({ mailing: { counts, state, release } }: { readonly mailing: Mailing }) {
  const { t, language } = useText();
  const { moment } = useDates();
  const said = useRef<{ readonly at: number; readonly text: string } | null>(null);
  const share = counts.staged === 0 ? 0 : counts.sent / counts.staged;
  const percent = new Intl.NumberFormat(locales[language], { style: 'percent' }).format(Math.floor(share * 100) / 100);
  const text = t('mailings.progress', { sent: counts.sent, of: counts.staged, percent });
  const waitsUntil = state === 'Released' && release.at && counts.sent === 0 && Date.parse(release.at) > timeNow() ? release.at : null;
  const done = state === 'Finished';
  useEffect(() => {
    const before = said.current;
    // What is there when the page opens is there to be read.
    const isDue = before !== null && before.text !== text && (done || Date.now() - before.at >= sayEveryMillis);
    if (before === null || isDue) said.current = { at: Date.now(), text };
    if (isDue) whisper(text);
  }, [text, done]);
  return (
    <div className="stack-tight">
      <progress className="progress" max={Math.max(1, counts.staged)} value={counts.sent} aria-label={t('mailings.progressLabel')} />
      <p>{waitsUntil ? t('mailings.waitsUntil', { at: moment(waitsUntil) }) : text}</p>
    </div>
  );
}
