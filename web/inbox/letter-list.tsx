import { Checkbox } from '@digdir/designsystemet-react';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Item } from '../api/inbox.ts';
import { useDates } from '../ui/dates.ts';
import { type Say, useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { toldApart } from '../ui/told-apart.ts';
import { keepPlace, keptPlace } from './kept-lists.ts';
import { LetterRow } from './letter-row.tsx';
import type { InboxSearch } from './search.ts';

export interface Picking {
  readonly picked: ReadonlySet<string>;
  readonly pick: (id: string, on: boolean) => void;
}

interface Props {
  readonly letters: readonly Item[];
  /** Which list it is: what was asked, and as the address says it. */
  readonly of: string;
  readonly search: InboxSearch;
  /** The letter that one comes back from. */
  readonly cameFrom: string | null;
  /** Where several are chosen: which, and how one more is. */
  readonly picking: Picking | null;
  readonly label: string;
  readonly more: (() => void) | null;
  readonly mayHaveMore: boolean;
}

const guessedHeight = 96;
const rowsAhead = 12;
const steps: Readonly<Record<string, number>> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, PageDown: 10, PageUp: -10 };

/**
 * Any number of letters: only those near the window are in the page, and screen readers are told how many there are.
 * With the focus in the list, arrows (or j and k), Home, End and the page keys go from letter to letter; Enter opens.
 */
export function LetterList({ letters, of, search, cameFrom, picking, label, more, mayHaveMore }: Props) {
  const { t } = useText();
  const [place] = useState(() => (cameFrom ? keptPlace(of) : null));
  const list = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  const focusOn = useRef<number | null>(null);
  useLayoutEffect(() => setTop(list.current ? list.current.getBoundingClientRect().top + window.scrollY : 0), []);
  const rows = useWindowVirtualizer({
    ...{ count: letters.length, estimateSize: () => guessedHeight, overscan: rowsAhead, scrollMargin: top },
    getItemKey: (index) => letters[index]!.id,
    ...(place ? { initialMeasurementsCache: place.rows, initialOffset: place.scrollY } : {}),
  });
  // Who comes back from a letter is where they were, with the focus on it, or on what has taken its place.
  const began = useRef({ place, cameFrom });
  useLayoutEffect(() => {
    const { place: where, cameFrom: letter } = began.current;
    if (!where) return;
    scrollTo(0, where.scrollY);
    const index = letters.findIndex(({ id }) => id === letter);
    focusOn.current = index >= 0 ? index : null;
    began.current = { place: null, cameFrom: null };
  }, [letters]);
  useLayoutEffect(() => () => keepPlace(of, { scrollY: window.scrollY, rows: rows.measurementsCache }), [of, rows]);
  const shown = rows.getVirtualItems();
  const { moment } = useDates();
  const called = picking
    ? toldApart(
        letters.map((item) => namesOf(item, t, moment)),
        (name, nth, of) => t('ui.nth', { name, nth, of }),
      )
    : [];
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && last >= letters.length - rowsAhead) more();
  }, [last, letters.length, more]);
  useEffect(() => {
    if (focusOn.current === null) return;
    const link = list.current?.querySelector<HTMLElement>(`[data-index="${focusOn.current}"] a`);
    if (!link) return;
    link.focus({ preventScroll: true });
    focusOn.current = null;
  });
  const move = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const now = Number((event.target as HTMLElement).closest('[data-index]')?.getAttribute('data-index') ?? 0);
    const next = event.key === 'Home' ? 0 : event.key === 'End' ? letters.length - 1 : now + (steps[event.key] ?? Number.NaN);
    if (Number.isNaN(next)) return;
    event.preventDefault();
    const index = Math.min(Math.max(next, 0), letters.length - 1);
    focusOn.current = index;
    rows.scrollToIndex(index, { align: 'auto' });
    list.current?.querySelector<HTMLElement>(`[data-index="${index}"] a`)?.focus({ preventScroll: true });
  };
  return (
    <ul ref={list} className="letters letters-windowed" aria-label={label} style={{ height: rows.getTotalSize() }} onKeyDown={move}>
      {shown.map(({ index, start }) => (
        <li
          key={letters[index]!.id}
          ref={rows.measureElement}
          data-index={index}
          className={['letter', ...(letters[index]!.unread ? ['letter-unread'] : []), ...(picking ? ['letter-picking'] : [])].join(' ')}
          aria-setsize={mayHaveMore ? -1 : letters.length}
          aria-posinset={index + 1}
          style={{ transform: `translateY(${start - rows.options.scrollMargin}px)` }}
        >
          {picking ? (
            <Checkbox
              aria-label={t('together.pick', { title: called[index]! })}
              checked={picking.picked.has(letters[index]!.id)}
              onChange={(event) => picking.pick(letters[index]!.id, event.target.checked)}
            />
          ) : null}
          <LetterRow item={letters[index]!} search={search} />
        </li>
      ))}
    </ul>
  );
}

/** By its title and whom it is from; where another has the same, by when it came too. */
function namesOf({ title, sender, publishedAt }: Item, t: Say, moment: (at: string) => string): string[] {
  const name = `${title === null ? t('letter.hiddenTitle') : plainly(title, 100)}, ${plainly(sender.name, 60)}`;
  return [name, ...(publishedAt ? [`${name}, ${moment(publishedAt)}`] : [])];
}
