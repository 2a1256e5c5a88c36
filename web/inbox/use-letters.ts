import { useCallback, useEffect, useRef, useState } from 'react';
import { askItem, askPage, type Item, useFirstPage, type Wanted } from '../api/inbox.ts';
import { type KeptList, keepList, keptList } from './kept-lists.ts';
import { appendLetters, belongsTo, type Known, mergeBeginning, replaceLetter } from './merge-letters.ts';

/** Of so many changed lines each is asked for; of more, the list is read anew as it is scrolled. */
const mostLines = 20;

/** For what was asked, the answer that was last taken in, and where the last page began that was read. */
type State = Known & KeptList;

export interface Letters {
  readonly letters: readonly Item[] | undefined;
  readonly isLoading: boolean;
  /** What is shown is the answer to what was asked before. */
  readonly isBehind: boolean;
  readonly error: Error | null;
  readonly mayHaveMore: boolean;
  /** Reads on; null while it does, and at the end. */
  readonly more: (() => void) | null;
  readonly again: () => void;
  /** Something was heard of these letters: lines that are shown are asked for again. */
  readonly touch: (ids: readonly string[]) => void;
}

/**
 * A list of any length, read as it is scrolled. When something changes only its beginning is asked for again, whatever has been read,
 * and what was read stays: ten thousand letters are a hundred requests, and one more for each change.
 */
export function useLetters(wanted: Wanted | null): Letters {
  const first = useFirstPage(wanted);
  const of = JSON.stringify(wanted);
  const [state, setState] = useState<State | null>(() => keptList(of));
  const [reading, setReading] = useState(false);
  const [fault, setFault] = useState<Error | null>(null);
  const controller = useRef<AbortController | null>(null);
  const page = first.isPlaceholderData ? undefined : first.data;
  if (page && (state?.seen !== page || state.of !== of)) {
    const fresh: Known = { letters: page.items, next: page.next };
    const before = state?.of === of ? state : keptList(of);
    if (before?.seen === page) setState(before);
    else setState({ ...(before ? mergeBeginning(before, fresh) : fresh), of, seen: page, from: before?.from ?? null });
  } else if (!page && state?.of !== of) {
    const before = keptList(of);
    if (before) setState(before);
  }
  useEffect(() => {
    if (state) keepList(state);
  }, [state]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever something else is asked for
  useEffect(() => {
    setFault(null);
    setReading(false);
    return () => controller.current?.abort();
  }, [of]);

  const next = state?.of === of ? state.next : null;
  const readOn = useCallback(async () => {
    if (!wanted || next === null) return;
    controller.current?.abort();
    const mine = new AbortController();
    // Where the list has begun anew meanwhile, what comes now would leave a gap.
    const isStill = (now: State | null): now is State => now?.of === of && now.next === next;
    controller.current = mine;
    setFault(null);
    setReading(true);
    try {
      const { items, next: after } = await askPage(wanted, next, mine.signal);
      setState((now) => (isStill(now) ? { ...now, ...appendLetters(now, { letters: items, next: after }), from: next } : now));
    } catch (error) {
      if (!mine.signal.aborted) setFault(error as Error);
    } finally {
      if (!mine.signal.aborted) setReading(false);
    }
  }, [wanted, next, of]);

  const firstCount = page?.items.length ?? 0;
  const touch = useCallback(
    (ids: readonly string[]) => {
      if (!wanted || state?.of !== of) return;
      const behind = new Set(state.letters.slice(firstCount).map(({ id }) => id));
      const changed = ids.filter((id) => behind.has(id));
      if (changed.length > mostLines) {
        setState((now) => now && { ...now, letters: now.letters.slice(0, firstCount), next: page?.next ?? null });
        return;
      }
      for (const id of changed)
        void askLine(id, wanted).then(
          (line) => line !== undefined && setState((now) => now && { ...now, ...replaceLetter(now, id, line) }),
        );
      const isNew = ids.some((id) => !state.letters.some((letter) => letter.id === id));
      // In another order than the newest first what is new may lie behind all that was read.
      if (isNew && wanted.sort && state.next === null && state.from !== null) setState((now) => now && { ...now, next: now.from });
    },
    [wanted, of, state, firstCount, page],
  );
  return {
    letters: state && (state.of === of || first.isPlaceholderData) ? state.letters : undefined,
    isBehind: state?.of !== of,
    isLoading: state?.of !== of && (first.isLoading || (first.isSuccess && state === null)),
    error: first.error ?? fault,
    mayHaveMore: next !== null,
    more: next !== null && !reading && !fault ? () => void readOn() : null,
    again: () => void (first.error ? first.refetch() : readOn()),
    touch,
  };
}

/** A line as it is now; null where it is not there any more; undefined where nobody can tell. */
async function askLine(id: string, wanted: Wanted): Promise<Item | null | undefined> {
  const now = await askItem(id);
  if (now === undefined) return undefined;
  return now && belongsTo(now, wanted) ? now : null;
}
