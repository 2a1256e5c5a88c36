export type { BrokerContext, FileScanner } from './context.ts';
export { brokerErrors } from './errors.ts';
