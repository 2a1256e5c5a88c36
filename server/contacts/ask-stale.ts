import { newId } from '#kernel/ids.ts';
import { composeNotices, planNotices } from '#notifications/index.ts';
import { takeAging } from '#register/index.ts';
import type { ContactsContext } from './send-code.ts';
import { forgetProofs } from './store/proof.ts';

const batch = 200;

/**
 * Asks at addresses that nobody has confirmed for 17 months whether they are still in use, once in three months and for a year. The
 * notice names nobody: the number may be another's by now. Says how many it asked; any number of workers may run it.
 */
export async function askStale(ctx: ContactsContext): Promise<number> {
  await ctx.db.transaction(async (tx) => forgetProofs(tx));
  for (let asked = 0; ; ) {
    const n = await ctx.db.transaction(async (tx) => {
      const at = ctx.now();
      const aging = await takeAging(tx, at, batch);
      planNotices(
        tx,
        aging.flatMap(({ party, channel, address, language }) =>
          composeNotices(
            {
              about: null,
              step: newId(),
              purpose: 'stale-address',
              channel,
              values: {
                ...{ senderName: '', recipientName: '', confidential: false, dueAt: null },
                inboxAddress: ctx.addresses.inbox,
                consoleAddress: ctx.addresses.console,
              },
              at,
            },
            [{ id: party, language, contactPoints: [{ channel, address }] }],
          ),
        ),
      );
      return aging.length;
    });
    asked += n;
    if (n < batch) return asked;
  }
}
