import type { Reader, Tx } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import {
  type Addressee,
  type Addresses,
  listGoneOrWaiting,
  type Purpose,
  planNotices,
  stepsUnderWay,
  stepsWaiting,
} from '#notifications/index.ts';
import type { Directory } from '../climb/addressees.ts';
import { dayInOslo } from '../oslo-day.ts';
import { moveTellsOfDeleted } from '../store/deleted.ts';
import { forgetMissed, lockMissed, moveFailureNotices } from '../store/missed.ts';
import type { SecondContact } from '../store/second-contact.ts';
import { lockDigests, saveSaid, saveToldElsewhere } from '../store/told.ts';
import { linesOf, wordMail } from './digest-mail.ts';
import { type NumbersOf, readNumbers } from './digest-numbers.ts';
import { keyOfSecond, planDigests, stepOfDay } from './sender-digest.ts';

/** Of whom something is said anew, and to whom. */
export interface Untold {
  readonly senders: readonly PartyId[];
  /** The mails that reached nobody were for their second contacts. */
  readonly isSecond: boolean;
  readonly to: readonly Addressee[];
  /** `to` is this one. */
  readonly second?: SecondContact;
}

const nobody = { email: null, sms: null };

/** Nothing is left of it to be counted when a server has taken the mail that told it. */
const isSaidForGood = (purpose: string): boolean => purpose.endsWith('-failed') || purpose === 'sender-deleted';

/**
 * What mails were to say and have told nobody, in one mail that goes at once; to an address that has had its mail of the day, or has one that
 * waits, in that one or the next, as anything else that comes then. What there is no more of is left out; that something has failed, or was deleted, is
 * said even where its watch has ended, or its mail was counted as gone, with the word that a server took, and at once.
 */
export async function planDigestAgain(
  tx: Tx,
  { senders, isSecond, to, second }: Untold,
  { directory, addresses, at }: { readonly directory: Directory; readonly addresses: Addresses; readonly at: Date },
): Promise<void> {
  await lockDigests(tx, [...new Set([...senders, ...to.flatMap(({ id }) => id ?? [])])]);
  const [missed, current] = await Promise.all([lockMissed(tx, senders, isSecond), readNumbers(tx, senders, at)]);
  const numbersOf: NumbersOf = (sender, purpose) => {
    const now = current(sender, purpose);
    const before = missed.find((each) => each.reader === sender && each.purpose === purpose && isSaidForGood(purpose));
    return { ...now, count: now.count || (before?.count ?? 0) };
  };
  const news = missed
    .map(({ reader, purpose }) => ({ sender: reader, purpose: purpose as Purpose, counted: null }))
    .filter(({ sender, purpose }) => numbersOf(sender, purpose).count > 0);
  const by = { directory, senderReaders: new Map(senders.map((sender) => [sender, to])), addresses };
  const steps = missed.map(({ step }) => step);
  if (news.length > 0 && news.every(({ sender, purpose }) => current(sender, purpose).count > 0) && (await hasMailOfDay(tx, to, at))) {
    const tellings = news.map((telling) => ({ ...telling, ...(second ? { second } : {}) }));
    const [step] = [...(await planDigests(tx, tellings, by, { at })).values()];
    forgetMissed(tx, missed, isSecond); // what is said of the same is missed no more
    moveFailureNotices(tx, steps, step!);
    moveTellsOfDeleted(tx, steps, step!);
    return;
  }
  const key = second ? keyOfSecond(senders[0]!) : (to[0]!.id ?? senders[0]!);
  const mail = { key, step: await freeStep(tx, key, at), waits: false, sender: senders[0]!, news };
  const lines = linesOf({ ...mail, ...(isSecond ? { second: nobody } : {}) }, { said: null, numbersOf, at });
  forgetMissed(
    tx,
    missed.filter(({ reader, purpose }) => !lines.some((line) => line.reader === reader && line.purpose === purpose)),
    isSecond,
  );
  if (lines.length === 0) return;
  planNotices(tx, wordMail(mail, lines, { ...by, parties: directory.parties, numbersOf, at }));
  saveSaid(tx, lines);
  saveToldElsewhere(
    tx,
    lines.filter(({ reader }) => reader !== to[0]!.id),
  );
  moveFailureNotices(tx, steps, mail.step);
  moveTellsOfDeleted(tx, steps, mail.step);
}

/** One of its addresses has had a mail today, or has one that waits. */
async function hasMailOfDay(reader: Reader, to: readonly Addressee[], at: Date): Promise<boolean> {
  const yesterday = new Date(at.getTime() - 26 * 3_600_000);
  const gone = await listGoneOrWaiting(
    reader,
    to.flatMap(({ id }) => id ?? []),
    yesterday,
  );
  const isTo = (one: (typeof gone)[number]) =>
    to.some(({ id, contactPoints }) => id === one.to && contactPoints.some((point) => isSame(point, one)));
  return gone.some((one) => dayInOslo(one.at) >= dayInOslo(at) && isTo(one));
}

type Place = { readonly channel: string; readonly address: string };
const isSame = (a: Place, b: Place): boolean => a.channel === b.channel && a.address.toLowerCase() === b.address.toLowerCase();

/** The mail of the day, where there is none yet: what comes later that day waits for the morning. */
async function freeStep(reader: Reader, key: string, at: Date): Promise<string> {
  const first = stepOfDay(key, at);
  const [underWay, waiting] = await Promise.all([stepsUnderWay(reader, [first]), stepsWaiting(reader, [first])]);
  return underWay.has(first) || waiting.has(first) ? newId() : first;
}
