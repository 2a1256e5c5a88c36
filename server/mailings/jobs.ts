import { type AnySweeper, type Swept, sweeper } from '#jobs/index.ts';
import { checkAsked } from './check-openability.ts';
import type { MailingContext } from './context.ts';
import { sendReleased } from './send-chunks.ts';
import { forgetLines } from './store/recipient.ts';

/** How long lines are kept after a mailing has ended: as long as a sender may ask which message a line became. */
export const keptDays = 30;
const forgottenAtOnce = 5000;

/** Sends what was released when its time comes. */
export const sendSweeper = sweeper({ name: 'mailings.send-released', everySeconds: 1, run: sendReleased });

/** Lines of mailings that ended long ago are deleted; counts, and what was sent, stay. Safe to run twice. */
export async function forgetOldLines(ctx: MailingContext): Promise<Swept> {
  const before = new Date(ctx.now().getTime() - keptDays * 24 * 60 * 60 * 1000);
  return (await ctx.db.transaction((tx) => forgetLines(tx, before, forgottenAtOnce))) ? 'more' : undefined;
}

export const mailingSweepers: readonly AnySweeper[] = [
  sendSweeper,
  sweeper({ name: 'mailings.check-openability', everySeconds: 2, run: checkAsked }),
  sweeper({ name: 'mailings.forget-lines', everySeconds: 3600, run: forgetOldLines }),
];
