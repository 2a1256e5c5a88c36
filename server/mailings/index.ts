export type { MailingContext } from './context.ts';
export { findNextRelease } from './store/mailing.ts';
