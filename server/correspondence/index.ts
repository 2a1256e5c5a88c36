export { type ClamdOptions, createClamdScanner } from './attachments/clamd-scanner.ts';
export { type Scanner, type ScanResult, simulatedScanner } from './attachments/scanner.ts';
export type { CorrespondenceContext } from './context.ts';
export { dialogIdOf } from './read/dialog-id.ts';
export { type HeldMessage, holdMessage, recallMessage } from './read/recall-message.ts';
export { createSending, type Sending } from './send/accept-requests.ts';
export { findNextPublishTime } from './store/message.ts';
