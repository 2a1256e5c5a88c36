import type { QueryClient } from '@tanstack/react-query';
import { forgetDrafts } from './draft.ts';

type Word = 'logged-out' | 'changed';

const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('budstikke');

/**
 * What one tab does the others hear: who logs out in one is logged out in all, and what is opened or confirmed in one
 * shows in the others. A page that the browser brings back from its memory is loaded anew, so that the back button
 * shows nothing to the next one at the machine.
 */
export function leaveNothingBehind(queries: QueryClient): void {
  channel?.addEventListener('message', ({ data }: MessageEvent<Word>) => {
    if (data === 'logged-out') {
      forgetDrafts();
      location.replace('/');
      return;
    }
    void queries.invalidateQueries();
  });
  addEventListener('pageshow', (event) => {
    if (event.persisted) location.reload();
  });
}

export function tellOtherTabs(word: Word): void {
  channel?.postMessage(word);
}
