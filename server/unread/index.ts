export { raiseAlarms } from './alarm/raise-alarms.ts';
export type { UnreadContext } from './context.ts';
export { noteComeBack } from './mail/note-come-back.ts';
export { mailNotStopped } from './mail/tell-not-stopped.ts';
export { oldestDueMail as nextMailDueAt } from './store/mail.ts';
export { findNextExtract } from './store/next-due.ts';
export { readAlarms, readStatementState } from './store/operator.ts';
