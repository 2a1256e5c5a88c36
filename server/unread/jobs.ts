import { type AnySweeper, sweeper } from '#jobs/index.ts';
import { makeDueStatements } from './statement/make-due-statements.ts';

/** What falls due in domain time. */
export const unreadSweepers: readonly AnySweeper[] = [
  sweeper({ name: 'unread.make-due-statements', everySeconds: 60, run: makeDueStatements }),
];
