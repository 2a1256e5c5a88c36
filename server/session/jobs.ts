import { sweeper } from '#jobs/index.ts';
import { removeEnded } from './store.ts';

const batch = 1000;

/** Removes logins that nobody finished and sessions that have ended, in real time. */
export const sessionSweeper = sweeper({
  name: 'session.sweep',
  everySeconds: 60,
  run: async (ctx) => ((await ctx.db.transaction((tx) => removeEnded(tx, batch))) >= batch ? 'more' : undefined),
});
