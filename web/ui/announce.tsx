import { useSyncExternalStore } from 'react';

let said = '';
const listeners = new Set<() => void>();

/** Says something to whoever listens instead of looking; politely, when there is a pause. */
export function announce(text: string): void {
  // The same words twice are still two messages: a trailing no-break space makes them different.
  said = said === text ? `${text}\u00a0` : text;
  for (const listener of listeners) listener();
}

export function Announcer() {
  const text = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => said,
  );
  return (
    <div className="ds-sr-only" role="status" aria-live="polite">
      {text}
    </div>
  );
}
