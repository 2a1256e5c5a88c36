import type { QueryClient } from '@tanstack/react-query';
import { onAnotherPerson, onArrival } from '../api/session.ts';
import { forgetDrafts } from './draft.ts';
import { forgetParty } from './party.ts';

type Word = 'logged-out' | 'logged-in' | 'changed';

const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('budstikke');

/**
 * What one tab does the others hear: who logs out in one is logged out in all, what is opened or confirmed in one
 * shows in the others, and where somebody else logs in nothing of the former is left in any. A page that the browser brings back from its memory is loaded anew, so that the back button
 * shows nothing to the next one at the machine.
 */
export function leaveNothingBehind(queries: QueryClient): void {
  channel?.addEventListener('message', ({ data }: MessageEvent<Word>) => {
    if (data === 'logged-out') {
      forgetDrafts();
      forgetParty();
      location.replace('/');
      return;
    }
    void queries.invalidateQueries(data === 'logged-in' ? { queryKey: ['session'] } : undefined);
  });
  onArrival(() => tellOtherTabs('logged-in'));
  onAnotherPerson(() => {
    forgetDrafts();
    forgetParty();
    document.getElementById('root')?.setAttribute('hidden', '');
    queries.clear();
    location.reload();
  });
  addEventListener('pageshow', (event) => {
    if (event.persisted) location.reload();
  });
}

export function tellOtherTabs(word: Word): void {
  channel?.postMessage(word);
}
