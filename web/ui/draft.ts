import { useCallback, useState } from 'react';

const prefix = 'budstikke.draft.';
const ownerKey = 'budstikke.drafts-of';

/**
 * What somebody is writing, kept by the tab as it is typed: a session that ends in the middle loses no text. It goes
 * when it is sent, when they log out, when the tab is closed, and when somebody else logs in.
 */
export function useDraft<T extends object>(name: string, empty: T): readonly [T, (change: Partial<T>) => void, () => void] {
  const [values, setValues] = useState<T>(() => ({ ...empty, ...read(name) }));
  const change = useCallback(
    (part: Partial<T>) =>
      setValues((before) => {
        const after = { ...before, ...part };
        keep(name, after);
        return after;
      }),
    [name],
  );
  const clear = (): void => {
    sessionStorage.removeItem(prefix + name);
    setValues(empty);
  };
  return [values, change, clear];
}

/** What is more than the browser keeps for a page is kept by the form alone. */
function keep(name: string, values: object): void {
  try {
    sessionStorage.setItem(prefix + name, JSON.stringify(values));
  } catch {
    sessionStorage.removeItem(prefix + name);
  }
}

function read(name: string): object {
  try {
    return JSON.parse(sessionStorage.getItem(prefix + name) ?? '{}') as object;
  } catch {
    return {};
  }
}

/** Somebody is logged in: what another has written here is not theirs to see. */
export function keepDraftsOf(person: string): void {
  const before = sessionStorage.getItem(ownerKey);
  if (before !== null && before !== person) forgetDrafts();
  sessionStorage.setItem(ownerKey, person);
}

export function forgetDrafts(): void {
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(prefix) || key === ownerKey) sessionStorage.removeItem(key);
  }
}
