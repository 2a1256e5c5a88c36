import { sweeper } from '#jobs/index.ts';
import { followEvents } from './follow-events.ts';

/** Looks each second, and goes on at once while there is more. */
export const inboxSweeper = sweeper({ name: 'inbox.follow-events', everySeconds: 1, run: followEvents });
