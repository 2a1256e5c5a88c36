export type { UnreadContext } from './context.ts';
