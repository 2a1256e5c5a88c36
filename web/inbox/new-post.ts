import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { askAgainMillis } from '../api/inbox.ts';
import { announce } from '../ui/announce.tsx';
import { useText } from '../ui/language.ts';
import { isSomebodyHere } from '../ui/somebody.ts';

/** How long changes are gathered before the list is asked for anew. */
const gatherMillis = 300;

/** New post appears without reloading: the server tells, and where its events do not come through it is asked each minute. */
export function useNewPost(party: string | undefined): void {
  const queries = useQueryClient();
  const { t } = useText();
  useEffect(() => {
    if (!party) return;
    const refresh = (): void => void queries.invalidateQueries({ queryKey: ['inbox'] });
    let gathered: ReturnType<typeof setTimeout> | undefined;
    const soon = (): void => {
      clearTimeout(gathered);
      gathered = setTimeout(refresh, gatherMillis);
    };
    const events = new EventSource(`/budstikke/v1/inbox/changes?${new URLSearchParams({ party })}`);
    events.addEventListener('post', () => {
      announce(t('inbox.newPost'));
      soon();
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
