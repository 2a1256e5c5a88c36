import { textOf } from '../ui/party.ts';

const mishaps = ['cancelled', 'expired', 'failed', 'unknown', 'away', 'busy'] as const;

/** What the server adds to the address when a login came to nothing. */
interface LoginSearch {
  readonly login?: (typeof mishaps)[number];
  readonly returnTo?: string;
  /** What the operator finds in the log. */
  readonly reference?: string;
}

export function readLoginSearch(search: Record<string, unknown>): LoginSearch {
  const login = mishaps.find((each) => each === search.login);
  return { ...(login ? { login } : {}), ...textOf('returnTo', search), ...textOf('reference', search) };
}
