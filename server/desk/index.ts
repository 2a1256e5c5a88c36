export { raiseAlarms } from './check-invariants.ts';
