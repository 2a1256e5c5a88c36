export { raiseAlarms } from './alarm/raise-alarms.ts';
export type { UnreadContext } from './context.ts';
