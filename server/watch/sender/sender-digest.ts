import { createHash } from 'node:crypto';
import type { Reader, Tx } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { type DueNotice, type Purpose, planNotices, stepsUnderWay, stepsWaiting, type WhyNot } from '#notifications/index.ts';
import { findParties } from '#register/index.ts';
import { dayInOslo, nextMorning } from '../oslo-day.ts';
import type { SecondContact } from '../store/second-contact.ts';
import { forgetToldElsewhere, listPointless, listSaid, lockDigests, type Said, saveSaid, saveToldElsewhere } from '../store/told.ts';
import { type ByMail, type DigestMail, linesOf, wordMail } from './digest-mail.ts';
import { isOfGoing, isSaid, type Numbers, type NumbersOf, readNumbers, sections } from './digest-numbers.ts';

/** A sender and what it is to hear of. */
export interface Telling {
  readonly sender: PartyId;
  readonly purpose: Purpose;
  /**
   * Since when the piece of post is among those that mails of this purpose count as it now stands: a mail from before says nothing of it.
   * Null of one that is new there, or is told of by itself.
   */
  readonly counted: Date | null;
  /** It is for the sender's second contact, and not for the sender's own addresses. */
  readonly second?: SecondContact;
}

export function tellingKey({ sender, purpose, second }: Omit<Telling, 'counted'>): string {
  return `${sender} ${purpose}${second ? ' second' : ''}`;
}

/**
 * Tells senders by mail how their post stands: one mail a day, however many messages there are, whatever is to be said of them, and
 * of however many senders that are gone, or have no address, somebody hears in their stead.
 * The first goes at once; what comes after it that day is gathered into one that goes at eight the next morning, or at once where bytes go
 * before the evening after it, however often that is. What the mail of the day has said already is not said again the next morning. A mail
 * that still waits is written anew, with the numbers of then.
 * Two workers word it one after the other, so that the number in it counts what both have found.
 * `isMore`: there is more to take at this moment, and the mail waits a minute for it.
 * Answers, by `tellingKey`, the step of the mail that tells it.
 */
export async function planDigests(
  tx: Tx,
  tellings: readonly Telling[],
  means: ByMail,
  { at, isMore = false }: { readonly at: Date; readonly isMore?: boolean },
): Promise<Map<string, string>> {
  if (tellings.length === 0) return new Map();
  const hearers = [...Map.groupBy(tellings, (telling) => hearerKey(telling, means))].map(([key, told]) => hearerAt(key, told, at));
  const firsts = hearers.map(({ first }) => first);
  const urgent = hearers.flatMap(({ lasts }) => lasts);
  const [, underWay, waitingFirst, said] = await Promise.all([
    lockDigests(tx, [...new Set(hearers.map(({ locked }) => locked))]), // the others are sent behind it, and tell what is so when it is held
    stepsUnderWay(tx, [...firsts, ...urgent]),
    stepsWaiting(tx, firsts),
    listSaid(tx, [...firsts, ...urgent, ...hearers.map(({ next }) => next)]),
  ]);
  const senders = [...new Set([...tellings.map(({ sender }) => sender), ...said.map(({ reader }) => reader)])];
  const [numbersOf, others] = await Promise.all([
    readNumbers(tx, senders, at),
    findParties(
      tx,
      senders.filter((sender) => !means.directory.parties.has(sender)),
    ),
  ]);
  const mails = hearers.map((hearer) => chooseMail(hearer, { at, underWay, waitingFirst, said, numbersOf }));
  const waiting = await stepsWaiting(
    tx,
    mails.map(({ step }) => step),
  );
  const written = mails.map((mail) => ({ mail, lines: linesOf(mail, { said: waiting.has(mail.step) ? said : null, numbersOf, at }) }));
  const wording = { ...means, parties: new Map([...means.directory.parties, ...others]), numbersOf, at };
  planNotices(
    tx,
    written.flatMap(({ mail, lines }) => {
      const earliest = mail.waits ? nextMorning(at) : new Date(at.getTime() + (isMore ? gatheringMillis : 0));
      return wordMail(mail, lines, wording).map((notice) =>
        mail.waits || notice.dueAt < earliest ? { ...notice, dueAt: earliest } : notice,
      );
    }),
  );
  saveSaid(
    tx,
    written.flatMap(({ lines }) => lines),
  );
  const elsewhere = written.flatMap(({ mail, lines }) => (mail.second ? [] : lines.filter(({ reader }) => reader !== mail.key)));
  forgetToldElsewhere(
    tx,
    written.flatMap(({ mail, lines }) => (lines.length > 0 && waiting.has(mail.step) ? [mail.step] : [])),
    elsewhere,
  );
  saveToldElsewhere(tx, elsewhere);
  const stepOf = new Map(mails.map(({ key, step }) => [key, step]));
  return new Map(tellings.map((telling) => [tellingKey(telling), stepOf.get(hearerKey(telling, means))!]));
}

const gatheringMillis = 60_000;

/** Who gets one mail a day: a second contact, or whoever hears for the sender, which may hear for others too. */
export function hearerKey({ sender, second }: Pick<Telling, 'sender' | 'second'>, { senderReaders }: ByMail): string {
  return second ? keyOfSecond(sender) : (senderReaders.get(sender)?.[0]?.id ?? sender);
}

interface Hearer {
  readonly key: string;
  /** Whoever words a mail to it holds this. */
  readonly locked: string;
  readonly told: readonly Telling[];
  /** The steps of its mail of the day and of the one of the next morning. */
  readonly first: string;
  readonly next: string;
  /** Of mails that cannot wait for the morning, since bytes go before: one that has gone takes up nothing more. */
  readonly lasts: readonly string[];
}

/** The step of the mail of this day to who hears under this key. */
export const stepOfDay = (key: string, at: Date): string => digestStep(key, dayInOslo(at));

export const keyOfSecond = (sender: PartyId): string => `${sender} second`;

function hearerAt(key: string, told: readonly Telling[], at: Date): Hearer {
  const today = dayInOslo(at);
  const mayBeUrgent = told.some(({ purpose }) => isOfGoing(purpose));
  return {
    ...{ key, told, locked: told[0]!.second ? told[0]!.sender : key },
    first: stepOfDay(key, at),
    next: stepOfDay(key, nextMorning(at)),
    lasts: mayBeUrgent ? Array.from({ length: 24 }, (_, n) => digestStep(n === 0 ? `${key} last` : `${key} last ${n + 1}`, today)) : [],
  };
}

interface SoFar {
  readonly at: Date;
  readonly underWay: ReadonlySet<string>;
  readonly waitingFirst: ReadonlyMap<string, Date>;
  readonly said: readonly Said[];
  readonly numbersOf: NumbersOf;
}

/** Pure. Which mail tells it: that of the day, that of the next morning when the day's is out, or one of its own when that is too late. */
function chooseMail({ key, told, first, next, lasts }: Hearer, { at, underWay, waitingFirst, said, numbersOf }: SoFar): DigestMail {
  const isLate = underWay.has(first);
  const saidToday = said.filter(({ step }) => step === first);
  const isNew = ({ sender, purpose, counted, second }: Telling) => {
    const before = saidToday.find((each) => each.reader === sender && each.isSecond === (second !== undefined) && each.purpose === purpose);
    return !isLate || !isSaid(counted, numbersOf(sender, purpose), before);
  };
  const news = told.filter(isNew);
  const morning = isLate ? nextMorning(at) : (waitingFirst.get(first) ?? at);
  const goesFirst = morning > at && news.some(({ sender, purpose }) => isTooLate(morning, numbersOf(sender, purpose)));
  const waits = isLate && !goesFirst && news.length > 0;
  const [{ sender, second }] = told as readonly [Telling, ...Telling[]];
  const step = goesFirst ? (lasts.find((each) => !underWay.has(each)) ?? newId()) : waits ? next : first;
  return { key, step, waits, sender, news, ...(second ? { second } : {}) };
}

/** Whoever hears in the morning that bytes go has the day for it. */
const dayMillis = 12 * 3_600_000;
const isTooLate = (morning: Date, { goesAt }: Numbers) => goesAt !== undefined && goesAt.getTime() < morning.getTime() + dayMillis;

/** Asked right before they go: which of these mails have nothing to say any more. Fills a part of the hook of notifications. */
export async function findPointlessDigests(reader: Reader, notices: readonly DueNotice[]): Promise<ReadonlyMap<string, WhyNot>> {
  const mails = notices.filter(({ about, purpose }) => about === null && (sections as readonly Purpose[]).includes(purpose));
  if (mails.length === 0) return new Map();
  const pointless = await listPointless(reader, [...new Set(mails.map(({ step }) => step))]);
  return new Map(mails.flatMap(({ id, step }) => (pointless.has(step) ? [[id, 'pointless' as const]] : [])));
}

/** The same reader and day give the same step, so that the mail is planned once. A UUID version 8 (RFC 9562). */
function digestStep(reader: string, day: string): string {
  const h = createHash('sha256').update(`${reader} ${day}`).digest('hex');
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-8${h.slice(13, 16)}-8${h.slice(17, 20)}-${h.slice(20, 32)}`;
}
