export type { BrokerContext, FileScanner } from './context.ts';
export { brokerErrors } from './errors.ts';
export { findNextPurge } from './store/expiry.ts';
