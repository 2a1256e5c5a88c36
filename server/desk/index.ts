export { type InvariantContext, operatorScope } from './check-invariants.ts';
export { decideMessage } from './decide-message.ts';
export { deskErrors } from './errors.ts';
export { findSentMessage } from './find-sent-message.ts';
export { findViolations } from './store.ts';
