import { Button } from '@digdir/designsystemet-react';
import { useLocation } from '@tanstack/react-router';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { afterwards } from './afterwards.ts';
import { useText } from './language.ts';

/** How what was done is undone, and what is said then. */
export interface Undo {
  readonly run: () => Promise<unknown>;
  readonly said: string;
}

interface Said {
  readonly text: string;
  readonly undo: Undo | null;
  /** Pages that were gone to while it stood. */
  readonly pages: number;
}

const nothing: Said = { text: '', undo: null, pages: 0 };
let said = nothing;
let whispered = '';
const listeners = new Set<() => void>();

function tell(): void {
  for (const listener of listeners) listener();
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

// The same words twice are still two messages: a trailing no-break space makes them different.
const anew = (before: string, text: string): string => (before === text ? `${text}\u00a0` : text);

/**
 * Says what was done, to everybody: a line at the foot of the window, which screen readers read when there is a pause.
 * It stands until it is closed, something else is said, or one has gone to a second page; what is timed is missed.
 */
export function announce(text: string, undo: Undo | null = null): void {
  said = { text: anew(said.text, text), undo, pages: 0 };
  tell();
}

/** Says something only to whoever listens instead of looking: what the page shows anyway. */
export function whisper(text: string): void {
  whispered = anew(whispered, text);
  tell();
}

/** Takes away the line about what was done; with a text only where it is what the line says. */
export function hush(text?: string): void {
  if (said === nothing || (text !== undefined && said.text.trim() !== text)) return;
  said = nothing;
  tell();
}

/** Where both are said. It stands before the page: from the heading, where the focus comes, undoing is one step back. */
export function Announcer() {
  const line = useSyncExternalStore(listen, () => said);
  const silent = useSyncExternalStore(listen, () => whispered);
  const { t } = useText();
  const path = useLocation({ select: ({ pathname }) => pathname });
  const before = useRef(path);
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    if (said.text === '') return;
    said = said.pages > 0 ? nothing : { ...said, pages: 1 };
    tell();
  }, [path]);
  const isSaid = line.text !== '';
  return (
    <>
      <section className={isSaid ? 'said' : 'said-nothing'} aria-label={t('said.label')}>
        <p role="status" aria-live="polite">
          {line.text}
        </p>
        {isSaid ? <Means line={line} /> : null}
      </section>
      <div className="ds-sr-only" role="status" aria-live="polite">
        {silent}
      </div>
    </>
  );
}

function Means({ line }: { readonly line: Said }) {
  const { t } = useText();
  const [isPending, setPending] = useState(false);
  const { undo } = line;
  const run = ({ run: again, said: done }: Undo): void => {
    setPending(true);
    const change = again().finally(() => setPending(false));
    afterwards(change, () => announce(done));
    change.catch(() => announce(t('said.notUndone')));
  };
  return (
    <>
      {undo ? (
        <Button variant="secondary" data-size="sm" loading={isPending} onClick={() => run(undo)}>
          {t('said.undo')}
        </Button>
      ) : null}
      <Button variant="tertiary" data-size="sm" onClick={() => hush()}>
        {t('said.close')}
      </Button>
    </>
  );
}
