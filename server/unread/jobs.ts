import { type AnySweeper, sweeper } from '#jobs/index.ts';
import { sendMail } from './mail/send-mail.ts';
import { sendDueExtract } from './routine/send-due-extracts.ts';
import { makeDueStatements } from './statement/make-due-statements.ts';

/** Also where only the API is served: an alarm that a worker's death has set off is not that worker's to send. */
export const mailSweeper = sweeper({ name: 'unread.send-mail', everySeconds: 5, run: sendMail });

/** What falls due in domain time. */
export const unreadSweepers: readonly AnySweeper[] = [
  sweeper({ name: 'unread.make-due-statements', everySeconds: 60, run: makeDueStatements }),
  sweeper({ name: 'unread.send-due-extracts', everySeconds: 30, run: sendDueExtract }),
  mailSweeper,
];
