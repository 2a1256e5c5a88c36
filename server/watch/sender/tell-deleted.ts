import { publishEvents } from '#events/index.ts';
import type { Tx } from '#kernel/database.ts';
import { findParties } from '#register/index.ts';
import { ageInDays } from '../age.ts';
import { readDirectory } from '../climb/addressees.ts';
import type { WatchContext } from '../climb/take-due-steps.ts';
import { claimDeleted, listSendersOfDeleted, saveDeletedUnread, saveHearers, saveTellsOfDeleted } from '../store/deleted.ts';
import { listItems } from '../store/item.ts';
import type { UnheardSender } from '../store/told.ts';
import type { WatchKey } from '../types.ts';
import { watchEvents } from '../watch-events.ts';
import type { ByMail } from './digest-mail.ts';
import { planDigests, tellingKey } from './sender-digest.ts';
import { hearerOf, hearersOf, readSenderReaders } from './sender-readers.ts';

const batch = 500;
const purpose = 'sender-deleted';

/**
 * Their recipients have deleted these, and their watches have ended in this transaction. Of what nobody had opened the sender hears: by event
 * now, and in its mail of the day (`tellDeletedUnread`). What ended otherwise before, or was opened, is not among it.
 */
export async function noteDeletedUnread(tx: Tx, keys: readonly WatchKey[], at: Date): Promise<void> {
  const items = (await listItems(tx, keys)).filter(({ outcome, openedAt }) => outcome === 'deleted-by-recipient' && openedAt === null);
  if (items.length === 0) return;
  const parties = await findParties(tx, [...new Set(items.flatMap(hearersOf))]);
  publishEvents(
    tx,
    items.flatMap((item) => {
      const { class: openability, openers, grantors, publishedAt, begunAt } = item;
      const ageDays = ageInDays(publishedAt ?? begunAt, at);
      return watchEvents('deleted-unread', item, parties, at, { class: openability, openers, grantors, ageDays });
    }),
  );
  saveDeletedUnread(tx, items, at);
}

/**
 * Senders are told by mail, with all else of the day, how much their recipients have deleted unopened, each piece in one mail. What nobody can
 * be told of waits until somebody can. Says of how many pieces. Any number of workers may run it.
 */
export async function tellDeletedUnread(ctx: WatchContext): Promise<number> {
  const senders = await listSendersOfDeleted(ctx.db);
  if (senders.length === 0) return 0;
  const parties = [...new Set(senders.flatMap(({ sender, hearer }) => [sender, hearer]))];
  const directory = await readDirectory(ctx.db, parties);
  const means: ByMail = { directory, senderReaders: await readSenderReaders(ctx.db, directory, parties), addresses: ctx.addresses };
  const able = senders.filter(({ sender, hearer }) => hearerOf({ sender, sentBy: hearer }, means.senderReaders) !== undefined);
  if (able.length === 0) return 0;
  for (let told = 0; ; ) {
    const n = await ctx.db.transaction((tx) => tellSome(tx, able, means, ctx.now()));
    told += n;
    if (n < batch) return told;
  }
}

async function tellSome(tx: Tx, of: readonly UnheardSender[], means: ByMail, at: Date): Promise<number> {
  const claimed = await claimDeleted(tx, of, batch);
  if (claimed.length === 0) return 0;
  const heard = claimed.map(({ about, party, ...sending }) => ({ about, party, hearer: hearerOf(sending, means.senderReaders)! }));
  saveHearers(tx, heard);
  const hearers = [...new Set(heard.map(({ hearer }) => hearer))];
  const tellings = hearers.map((sender) => ({ sender, purpose, counted: null }) as const);
  const steps = await planDigests(tx, tellings, means, { at, isMore: claimed.length === batch });
  saveTellsOfDeleted(
    tx,
    hearers.map((reader) => ({ reader, step: steps.get(tellingKey({ sender: reader, purpose }))! })),
  );
  return claimed.length;
}
