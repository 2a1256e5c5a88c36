import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { Session } from '../api/session.ts';

/** The browser's timers count to 24 days only. */
const longestWait = 2 ** 31 - 1;

/** Asks again when the session ought to be over, so that nobody's post stays on a screen that was left. */
export function useSessionEnd(session: Session | null | undefined): void {
  const queries = useQueryClient();
  const expiresAt = session?.expiresAt;
  useEffect(() => {
    if (!expiresAt) return;
    const wait = Math.min(Math.max(new Date(expiresAt).getTime() - Date.now() + 1000, 1000), longestWait);
    const timer = setTimeout(() => void queries.invalidateQueries({ queryKey: ['session'] }), wait);
    return () => clearTimeout(timer);
  }, [expiresAt, queries]);
}
