import { createHash } from 'node:crypto';
import type { Reader, Tx } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import {
  composeNotices,
  type DueNotice,
  type NoticeRow,
  type Purpose,
  planNotices,
  stepsUnderWay,
  stepsWaiting,
  type WhyNot,
} from '#notifications/index.ts';
import { dayInOslo, nextMorning } from './oslo-day.ts';
import type { Scene } from './scene.ts';
import { atSecondContact } from './sender-readers.ts';
import { countFailures, countKey } from './store/failure.ts';
import type { SecondContact } from './store/second-contact.ts';
import {
  countForSenders,
  countGoing,
  type GoingCount,
  listPointless,
  listSaid,
  lockDigests,
  type Said,
  type SenderCount,
  saveSaid,
} from './store/told.ts';
import type { Addresses } from './take-step.ts';

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

/** Who gets one mail a day. */
function readerKey({ sender, second }: Pick<Telling, 'sender' | 'second'>): string {
  return second ? `${sender} second` : sender;
}

/** What a mail may tell a sender, the gravest first. */
const sections = [
  'sender-failed',
  'files-failed',
  'sender-expiring',
  'files-expiring',
  'sender-decision',
  'files-decision',
  'sender-unread',
  'files-unread',
] as const satisfies readonly Purpose[];
const isOfFiles = (purpose: Purpose): boolean => purpose.startsWith('files-');
const isOfGoing = (purpose: Purpose): boolean => purpose.endsWith('-expiring');
/** Whoever is asked to decide hears also of what goes undecided. */
const withIt: Partial<Record<Purpose, Purpose>> = { 'sender-expiring': 'sender-decision', 'files-expiring': 'files-decision' };

/**
 * Tells senders by mail how their post stands: one mail a day, however many messages there are and whatever is to be said of them.
 * The first goes at once; what comes after it that day is gathered into one that goes at eight the next morning, or at once where bytes go
 * before the evening after it, however often that is. What the mail of the day has said already is not said again the next morning. A mail
 * that still waits is written anew, with all that there is to tell by then.
 * Two workers word it one after the other, so that the number in it counts what both have found.
 * `isMore`: there is more to take at this moment, and the mail waits a minute for it.
 * Answers, by `tellingKey`, the step of the mail that tells it.
 */
export async function planDigests(
  tx: Tx,
  tellings: readonly Telling[],
  { directory, senderReaders }: Pick<Scene, 'directory' | 'senderReaders'>,
  addresses: Addresses,
  { at, isMore = false }: { readonly at: Date; readonly isMore?: boolean },
): Promise<Map<string, string>> {
  if (tellings.length === 0) return new Map();
  const senders = [...new Set(tellings.map((t) => t.sender))];
  const [today, tomorrow] = [dayInOslo(at), dayInOslo(nextMorning(at))];
  const readers = [...Map.groupBy(tellings, readerKey).entries()];
  const firsts = readers.map(([reader]) => digestStep(reader, today));
  const mayBeUrgent = readers.filter(([, told]) => told.some(({ purpose }) => isOfGoing(purpose)));
  const [, counted, failures, underWay, held, going, said] = await Promise.all([
    lockDigests(tx, senders), // the others are sent behind it, and count when it is held
    countForSenders(tx, senders),
    countFailures(tx, senders),
    stepsUnderWay(tx, [...firsts, ...mayBeUrgent.flatMap(([reader]) => urgentSteps(reader, today))]),
    stepsWaiting(tx, firsts),
    countGoing(tx, senders, at),
    listSaid(tx, senders),
  ]);
  const keyed = <T extends { sender: PartyId; isFile: boolean }>(rows: readonly T[]) =>
    new Map(rows.map((row) => [countKey(row.sender, row.isFile), row]));
  const [counts, goings] = [keyed(counted), keyed(going)];
  const numbersOf = (sender: PartyId, purpose: Purpose): Numbers => {
    const key = countKey(sender, isOfFiles(purpose));
    return numbersFor(purpose, { counts: counts.get(key), failures: failures.get(key) ?? 0, going: goings.get(key) });
  };
  const mails = readers.map(([reader, told]) => {
    const [{ sender, second }] = told as [Telling];
    const first = digestStep(reader, today);
    const isLate = underWay.has(first);
    const saidToday = said.filter((each) => each.reader === sender && each.isSecond === (second !== undefined) && each.step === first);
    const isNew = (telling: Telling) => !isLate || !isSaid(telling, numbersOf(sender, telling.purpose), saidToday);
    const purposes = new Set(told.filter(isNew).map(({ purpose }) => purpose));
    const waitsUntil = isLate ? nextMorning(at) : (held.get(first) ?? at);
    const goesFirst = waitsUntil > at && [...purposes].some((purpose) => isTooLate(waitsUntil, numbersOf(sender, purpose)));
    const waits = isLate && !goesFirst && purposes.size > 0;
    const inTime = waits ? digestStep(reader, tomorrow) : first;
    const step = goesFirst ? (urgentSteps(reader, today).find((each) => !underWay.has(each)) ?? newId()) : inTime;
    return { reader, sender, second, purposes, waits, step };
  });
  const waiting = await stepsWaiting(
    tx,
    mails.map(({ step }) => step),
  );
  const saying: Said[] = [];
  const notices = mails.flatMap(({ sender, second, purposes, waits, step }) => {
    const isTold = (purpose: Purpose) => waiting.has(step) || purposes.has(purpose) || purposes.has(withIt[purpose] ?? purpose);
    const counted = purposes.size === 0 ? [] : sections.filter((purpose) => isTold(purpose) && numbersOf(sender, purpose).count > 0);
    const told = counted.length > 0 ? counted : sections.filter((purpose) => purposes.has(purpose) && !withIt[purpose]);
    for (const purpose of told) {
      const { count, unconfirmed, failed, ...numbers } = numbersOf(sender, purpose);
      const grantNeeded = cannotOpen(numbers);
      saying.push({ reader: sender, isSecond: second !== undefined, purpose, step, at, count, grantNeeded, unconfirmed, failed });
    }
    const written = told.map((purpose) =>
      composeNotices(
        {
          about: null,
          step,
          purpose,
          channel: 'preferred',
          values: {
            senderName: directory.parties.get(sender)?.name ?? '',
            recipientName: '',
            confidential: false,
            dueAt: null,
            inboxAddress: addresses.inbox,
            consoleAddress: addresses.console,
            ...numbersOf(sender, purpose),
            count: Math.max(1, numbersOf(sender, purpose).count),
          },
          at,
        },
        second ? atSecondContact(directory, sender, second) : (senderReaders.get(sender) ?? []),
      ),
    );
    const joined = inOneMail(written);
    const notBefore = waits ? nextMorning(at) : new Date(at.getTime() + (isMore ? gatheringMillis : 0));
    return joined.map((notice) => (waits || notice.dueAt < notBefore ? { ...notice, dueAt: notBefore } : notice));
  });
  planNotices(tx, notices);
  saveSaid(tx, saying);
  const stepOf = new Map(mails.map(({ reader, step }) => [reader, step]));
  return new Map(tellings.map((telling) => [tellingKey(telling), stepOf.get(readerKey(telling))!]));
}

const gatheringMillis = 60_000;

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

/** Pure. Whether the mail of the day has counted this piece of post, and would have to tell of nothing more. */
function isSaid({ purpose, counted }: Telling, now: Numbers, said: readonly Said[]): boolean {
  const before = said.find((each) => each.purpose === purpose);
  return (
    before !== undefined &&
    counted !== null &&
    counted <= before.at &&
    now.count <= before.count &&
    cannotOpen(now) <= before.grantNeeded &&
    now.unconfirmed <= before.unconfirmed &&
    now.failed <= before.failed
  );
}

/** Pure. The same addresses in each section, in the same order: subject and purpose of the first, and one paragraph for each. */
function inOneMail([first, ...others]: readonly (readonly NoticeRow[])[]): NoticeRow[] {
  return (first ?? []).map((notice, i) => ({
    ...notice,
    body: [notice, ...others.map((section) => section[i]!)].map(({ body }) => body).join(notice.channel === 'email' ? '\n\n' : ' '),
  }));
}

interface Numbers {
  readonly count: number;
  readonly grantNeeded: number;
  readonly noOpener: number;
  readonly unconfirmed: number;
  readonly failed: number;
  /** When the first bytes of what is counted go. */
  readonly goesAt?: Date;
}

const cannotOpen = ({ grantNeeded, noOpener }: Pick<Numbers, 'grantNeeded' | 'noOpener'>): number => grantNeeded + noOpener;

interface Standing {
  readonly counts: SenderCount | undefined;
  readonly failures: number;
  readonly going: GoingCount | undefined;
}

function numbersFor(purpose: Purpose, { counts, failures, going }: Standing): Numbers {
  const none: Numbers = { count: 0, grantNeeded: 0, noOpener: 0, unconfirmed: 0, failed: 0 };
  if (purpose === 'sender-failed' || purpose === 'files-failed') return { ...none, count: failures };
  if (purpose === 'sender-expiring' || purpose === 'files-expiring')
    return going ? { ...none, count: going.count, goesAt: going.first } : none;
  if (!counts) return none;
  if (purpose === 'sender-decision' || purpose === 'files-decision') {
    const { asked: count, askedGrantNeeded: grantNeeded, askedNoOpener: noOpener, askedFailed: failed } = counts;
    return { count, grantNeeded, noOpener, unconfirmed: 0, failed };
  }
  const { told: count, toldGrantNeeded: grantNeeded, toldNoOpener: noOpener, toldUnconfirmed: unconfirmed, toldFailed: failed } = counts;
  return { count, grantNeeded, noOpener, unconfirmed, failed };
}

/** Of mails that cannot wait for the morning, since bytes go before: one that has gone takes up nothing more. */
function urgentSteps(reader: string, day: string): string[] {
  return Array.from({ length: 24 }, (_, n) => digestStep(n === 0 ? `${reader} last` : `${reader} last ${n + 1}`, day));
}

/** The same sender and day give the same step, so that the mail is planned once. A UUID version 8 (RFC 9562). */
function digestStep(reader: string, day: string): string {
  const h = createHash('sha256').update(`${reader} ${day}`).digest('hex');
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-8${h.slice(13, 16)}-8${h.slice(17, 20)}-${h.slice(20, 32)}`;
}
