export { createChangeFeed } from './change-feed.ts';
export type { InboxContext } from './context.ts';
export { touch as touchInboxes } from './store/entry.ts';
