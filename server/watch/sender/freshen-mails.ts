import { listWaitingMails, type Purpose } from '#notifications/index.ts';
import { readDirectory } from '../climb/addressees.ts';
import type { WatchContext } from '../climb/take-due-steps.ts';
import { findSecondContacts } from '../store/second-contact.ts';
import { listSaid } from '../store/told.ts';
import type { ByMail } from './digest-mail.ts';
import { readNumbers, sections } from './digest-numbers.ts';
import { hearerKey, planDigests, stepOfDay, type Telling } from './sender-digest.ts';
import { readSenderReaders } from './sender-readers.ts';

/** A mail is written anew when so little is left until it goes; what is older than that by then may no longer be so. */
const soonMillis = 2 * 60_000;
const staleMillis = 10 * 60_000;

/**
 * The mail of the morning was written when its first word came, up to a day before: right before it goes it is written anew, with the numbers of
 * now. What there is no more of is left out; a mail of which nothing is so any more does not go (`findPointlessDigests`). One that a server was
 * asked to take already stays as it is. Says of how many. Any number of workers may run it.
 */
export async function freshenMails(ctx: WatchContext): Promise<number> {
  const at = ctx.now();
  const steps = await listWaitingMails(ctx.db, sections, new Date(at.getTime() + soonMillis));
  const said = (await listSaid(ctx.db, steps)).filter((each) => each.at.getTime() < at.getTime() - staleMillis);
  if (said.length === 0) return 0;
  const senders = [...new Set(said.map(({ reader }) => reader))];
  const directory = await readDirectory(ctx.db, senders);
  const means: ByMail = { directory, senderReaders: await readSenderReaders(ctx.db, directory, senders), addresses: ctx.addresses };
  const [contacts, numbersOf] = await Promise.all([findSecondContacts(ctx.db, senders), readNumbers(ctx.db, senders, at)]);
  const tellings = said.flatMap(({ reader: sender, isSecond, purpose, step, at: counted }): Telling[] => {
    const second = isSecond ? contacts.get(sender) : undefined;
    // Counted by it when it was written: should it have gone meanwhile, only what has grown since is news of the next.
    const telling = { sender, purpose: purpose as Purpose, counted, ...(second ? { second } : {}) };
    // Another hears for the sender by now: it keeps its mail.
    const isHere = (second !== undefined) === isSecond && stepOfDay(hearerKey(telling, means), at) === step;
    return isHere && numbersOf(sender, telling.purpose).count > 0 ? [telling] : [];
  });
  if (tellings.length > 0) await ctx.db.transaction((tx) => planDigests(tx, tellings, means, { at }));
  return tellings.length;
}
