export type { DialogContext } from './context.ts';
