import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { askAgainMillis } from '../api/inbox.ts';
import { whisper } from '../ui/announce.tsx';
import { useText } from '../ui/language.ts';
import { isSomebodyHere } from '../ui/somebody.ts';

/** How long changes are gathered before the list is asked for anew. */
const gatherMillis = 300;

/**
 * New post appears without reloading: the server tells, and where its events do not come through it is asked each minute. `touch` hears
 * which letters it was about.
 */
export function useNewPost(party: string | undefined, touch: (ids: readonly string[]) => void): void {
  const queries = useQueryClient();
  const { t } = useText();
  const touched = useRef(touch);
  touched.current = touch;
  useEffect(() => {
    if (!party) return;
    const ids = new Set<string>();
    let gathered: ReturnType<typeof setTimeout> | undefined;
    const refresh = (): void => {
      gathered = undefined;
      touched.current([...ids]);
      ids.clear();
      void queries.invalidateQueries({ queryKey: ['inbox'] });
    };
    const soon = ({ data }: MessageEvent<string>): void => {
      const { id } = JSON.parse(data) as { readonly id: string | null };
      if (id) ids.add(id);
      gathered ??= setTimeout(refresh, gatherMillis);
    };
    const events = new EventSource(`/budstikke/v1/inbox/changes?${new URLSearchParams({ party })}`);
    events.addEventListener('post', (event) => {
      whisper(t('inbox.newPost'));
      soon(event);
    });
    for (const name of ['opened', 'counts']) events.addEventListener(name, soon);
    const asking = setInterval(() => {
      if (events.readyState !== EventSource.OPEN && isSomebodyHere()) refresh();
    }, askAgainMillis);
    return () => {
      clearTimeout(gathered);
      clearInterval(asking);
      events.close();
    };
  }, [party, queries, t]);
}
