import { createHash } from 'node:crypto';
import type { Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { composeNotices, type NoticeRow, type Purpose, planNotices, stepsUnderWay, stepsWaiting } from '#notifications/index.ts';
import { dayInOslo, nextMorning } from './oslo-day.ts';
import type { Scene } from './scene.ts';
import { atSecondContact } from './sender-readers.ts';
import { countFailures, countKey } from './store/failure.ts';
import { countForSenders, lockDigests, type SenderCount } from './store/item.ts';
import type { SecondContact } from './store/second-contact.ts';
import type { Addresses } from './take-step.ts';

/** A sender and what it is to hear of. */
export interface Telling {
  readonly sender: PartyId;
  readonly purpose: Purpose;
  /** It is for the sender's second contact, and not for the sender's own addresses. */
  readonly second?: SecondContact;
}

export function tellingKey({ sender, purpose, second }: Telling): string {
  return `${sender} ${purpose}${second ? ' second' : ''}`;
}

/** Who gets one mail a day. */
function readerKey({ sender, second }: Telling): string {
  return second ? `${sender} second` : sender;
}

/** What a mail may tell a sender, the gravest first. */
const sections = [
  'sender-failed',
  'files-failed',
  'sender-decision',
  'files-decision',
  'sender-unread',
  'files-unread',
] as const satisfies readonly Purpose[];
const isOfFiles = (purpose: Purpose): boolean => purpose.startsWith('files-');

/**
 * Tells senders by mail how their post stands: one mail a day, however many messages there are and whatever is to be said of them.
 * The first goes at once; what comes after it that day is gathered into one that goes at eight the next morning. A mail that still
 * waits is written anew, with all that there is to tell by then.
 * Two workers word it one after the other, so that the number in it counts what both have found.
 * Answers, by `tellingKey`, the step of the mail that tells it.
 */
export async function planDigests(
  tx: Tx,
  tellings: readonly Telling[],
  { directory, senderReaders }: Pick<Scene, 'directory' | 'senderReaders'>,
  addresses: Addresses,
  at: Date,
): Promise<Map<string, string>> {
  if (tellings.length === 0) return new Map();
  const senders = [...new Set(tellings.map((t) => t.sender))];
  const [today, tomorrow] = [dayInOslo(at), dayInOslo(nextMorning(at))];
  const readers = [...new Map(tellings.map((telling) => [readerKey(telling), telling])).entries()];
  const [, counted, failures, underWay] = await Promise.all([
    lockDigests(tx, senders), // the others are sent behind it, and count when it is held
    countForSenders(tx, senders),
    countFailures(tx, senders),
    stepsUnderWay(
      tx,
      readers.map(([reader]) => digestStep(reader, today)),
    ),
  ]);
  const counts = new Map(counted.map((count) => [countKey(count.sender, count.isFile), count]));
  const mails = readers.map(([reader, { sender, second }]) => {
    const later = underWay.has(digestStep(reader, today));
    return { reader, sender, second, later, step: digestStep(reader, later ? tomorrow : today) };
  });
  const waiting = await stepsWaiting(
    tx,
    mails.map(({ step }) => step),
  );
  const notices = mails.flatMap(({ reader, sender, second, later, step }) => {
    const numbers = (purpose: Purpose) => {
      const key = countKey(sender, isOfFiles(purpose));
      return numbersFor(purpose, counts.get(key), failures.get(key) ?? 0);
    };
    const isTold = (purpose: Purpose) => tellings.some((telling) => readerKey(telling) === reader && telling.purpose === purpose);
    const told = sections.filter((purpose) => isTold(purpose) || (waiting.has(step) && numbers(purpose).count > 0));
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
            ...numbers(purpose),
          },
          at,
        },
        second ? atSecondContact(directory, sender, second) : (senderReaders.get(sender) ?? []),
      ),
    );
    const joined = inOneMail(written);
    return later ? joined.map((notice) => ({ ...notice, dueAt: nextMorning(at) })) : joined;
  });
  planNotices(tx, notices);
  const stepOf = new Map(mails.map(({ reader, step }) => [reader, step]));
  return new Map(tellings.map((telling) => [tellingKey(telling), stepOf.get(readerKey(telling))!]));
}

/** Pure. The same addresses in each section, in the same order: subject and purpose of the first, and one paragraph for each. */
function inOneMail([first, ...others]: readonly (readonly NoticeRow[])[]): NoticeRow[] {
  return (first ?? []).map((notice, i) => ({
    ...notice,
    body: [notice, ...others.map((section) => section[i]!)].map(({ body }) => body).join(notice.channel === 'email' ? '\n\n' : ' '),
  }));
}

function numbersFor(purpose: Purpose, count: SenderCount | undefined, failures: number) {
  if (purpose === 'sender-failed' || purpose === 'files-failed') return { count: failures, grantNeeded: 0, failed: 0, unconfirmed: 0 };
  if (!count) return { count: 0, grantNeeded: 0, failed: 0, unconfirmed: 0 };
  return purpose === 'sender-decision' || purpose === 'files-decision'
    ? { count: count.asked, grantNeeded: count.askedGrantNeeded, failed: count.askedFailed, unconfirmed: 0 }
    : { count: count.told, grantNeeded: count.toldGrantNeeded, failed: count.toldFailed, unconfirmed: count.toldUnconfirmed };
}

/** The same sender and day give the same step, so that the mail is planned once. A UUID version 8 (RFC 9562). */
function digestStep(reader: string, day: string): string {
  const h = createHash('sha256').update(`${reader} ${day}`).digest('hex');
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-8${h.slice(13, 16)}-8${h.slice(17, 20)}-${h.slice(20, 32)}`;
}
