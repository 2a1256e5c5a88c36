import type { Reader, Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { type Addressee, type DeliveryFailure, listFailingOfSenders } from '#notifications/index.ts';
import { listAddresses } from '#register/index.ts';
import { type Directory, readDirectory } from '../climb/addressees.ts';
import type { WatchContext } from '../climb/take-due-steps.ts';
import { isToSender } from '../progress/note-handed-over.ts';
import { forgetPointless, listMissedReaders, type MissedReader, saveMissed } from '../store/missed.ts';
import { findSecondContacts } from '../store/second-contact.ts';
import { listPointless } from '../store/told.ts';
import { planDigestAgain, type Untold } from './digest-again.ts';
import { atSecondContact, readSenderReaders } from './sender-readers.ts';

/** For so long an address that took no mail is left out; a monthly word of what is unread comes by it again. */
const failingMillis = 30 * 86_400_000;

/** Mails to senders that have failed: those that have reached nobody by any address are said anew (`tellMailsAgain`). */
export function noteMissed(tx: Tx, failures: readonly DeliveryFailure[]): Promise<void> {
  const mails = failures.filter((failure) => failure.about === null && isToSender(failure));
  return saveMissed(tx, [...new Set(mails.map(({ step }) => step))], mails[0]?.at ?? new Date(0));
}

/**
 * What mails to senders were to say, and no address has taken, is said anew as soon as there is another: the other channel of the same, what
 * the sender went into, its second contact, or an address that has come or was confirmed since, or takes mail again. It goes at once, with the
 * numbers of now, or in the mail of the day of an address that has had one. What is no longer so is forgotten.
 * Says how many were written to. Any number of workers may run it.
 */
export async function tellMailsAgain(ctx: WatchContext): Promise<number> {
  const missed = await listMissedReaders(ctx.db);
  if (missed.length === 0) return 0;
  const { directory, untold, hopeless } = await readUntried(ctx.db, missed, ctx.now());
  await forgetWhatIsOver(ctx, hopeless);
  for (const each of untold)
    await ctx.db.transaction((tx) => planDigestAgain(tx, each, { directory, addresses: ctx.addresses, at: ctx.now() }));
  return untold.length;
}

async function forgetWhatIsOver(ctx: WatchContext, hopeless: readonly MissedReader[]): Promise<void> {
  const pointless = await listPointless(ctx.db, [...new Set(hopeless.flatMap(({ steps }) => steps))]);
  if (pointless.size > 0) await ctx.db.transaction(async (tx) => forgetPointless(tx, [...pointless]));
}

async function readUntried(reader: Reader, missed: readonly MissedReader[], at: Date) {
  const senders = [...new Set(missed.map((one) => one.reader))];
  const since = new Date(at.getTime() - failingMillis);
  const [directory, second, ownFailing] = await Promise.all([
    readDirectory(reader, senders),
    findSecondContacts(reader, senders),
    listFailingOfSenders(reader, senders, since),
  ]);
  const failing = new Set(await stillFailing(reader, ownFailing));
  const own = await readSenderReaders(reader, withoutFailing(directory, failing), senders);
  const others = [...new Set([...own.values()].flat().flatMap(({ id }) => id ?? []))].filter((id) => !senders.includes(id));
  for (const each of await stillFailing(reader, await listFailingOfSenders(reader, others, since))) failing.add(each);

  const found = missed.flatMap(({ reader: sender, isSecond }) => {
    const contact = second.get(sender);
    const seconds = untried(contact ? atSecondContact(directory, sender, contact) : [], failing);
    const owns = untried(own.get(sender) ?? [], failing);
    const [to] = (isSecond ? [seconds, owns] : [owns, seconds]).filter((those) => those.length > 0);
    return to ? [{ sender, isSecond, to, ...(to === seconds ? { second: contact! } : {}) }] : [];
  });
  const together = Map.groupBy(found, ({ isSecond, to }) => `${isSecond} ${to[0]!.id}`); // whoever hears for several hears of them by one
  const untold = [...together.values()].map(
    ([first, ...more]): Untold => ({ ...first!, senders: [first!, ...more].map(({ sender }) => sender) }),
  );
  const isFound = (one: MissedReader) => found.some(({ sender, isSecond }) => sender === one.reader && isSecond === one.isSecond);
  return { directory, untold, hopeless: missed.filter((one) => !isFound(one)) };
}

const addressKey = ({ to, channel, address }: { readonly to: PartyId | null; readonly channel: string; readonly address: string }) =>
  `${to} ${channel} ${address.toLowerCase()}`;

/** An address that its owner has confirmed since is tried again. */
async function stillFailing(reader: Reader, failed: Awaited<ReturnType<typeof listFailingOfSenders>>): Promise<string[]> {
  const kept = failed.length === 0 ? [] : await listAddresses(reader, [...new Set(failed.map(({ to }) => to))]);
  const freshAt = new Map(kept.map((one) => [addressKey({ to: one.party, ...one }), one.freshAt]));
  return failed.filter((one) => !((freshAt.get(addressKey(one)) ?? one.failedAt) > one.failedAt)).map(addressKey);
}

function withoutFailing(directory: Directory, failing: ReadonlySet<string>): Directory {
  const points = [...directory.points].map(
    ([to, those]) => [to, those.filter((point) => !failing.has(addressKey({ to, ...point })))] as const,
  );
  return { ...directory, points: new Map(points) };
}

function untried(addressees: readonly Addressee[], failing: ReadonlySet<string>): Addressee[] {
  return addressees
    .map((one) => ({ ...one, contactPoints: one.contactPoints.filter((point) => !failing.has(addressKey({ to: one.id, ...point }))) }))
    .filter(({ contactPoints }) => contactPoints.length > 0);
}
