import { createHash } from 'node:crypto';
import type { Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { composeNotices, type NoticeRow, type Purpose, planNotices, stepsUnderWay, stepsWaiting } from '#notifications/index.ts';
import { addressees, type Directory } from './addressees.ts';
import { countFailures } from './store/failure.ts';
import { countForSenders, lockDigests, type SenderCount } from './store/item.ts';
import type { Addresses } from './take-step.ts';

/** A sender and what it is to hear of. */
export interface Telling {
  readonly sender: PartyId;
  readonly purpose: Purpose;
}

export function tellingKey({ sender, purpose }: Telling): string {
  return `${sender} ${purpose}`;
}

/** What a mail may tell a sender, the gravest first. */
const sections = ['sender-failed', 'sender-decision', 'sender-unread'] as const satisfies readonly Purpose[];

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
  directory: Directory,
  addresses: Addresses,
  at: Date,
): Promise<Map<string, string>> {
  if (tellings.length === 0) return new Map();
  const senders = [...new Set(tellings.map((t) => t.sender))];
  await lockDigests(tx, senders);
  const counts = new Map((await countForSenders(tx, senders)).map((count) => [count.sender, count]));
  const failures = await countFailures(tx, senders);
  const [today, tomorrow] = [dayInOslo(at), dayInOslo(nextMorning(at))];
  const underWay = await stepsUnderWay(
    tx,
    senders.map((sender) => digestStep(sender, today)),
  );
  const mails = senders.map((sender) => {
    const later = underWay.has(digestStep(sender, today));
    return { sender, later, step: digestStep(sender, later ? tomorrow : today) };
  });
  const waiting = await stepsWaiting(
    tx,
    mails.map(({ step }) => step),
  );
  const notices = mails.flatMap(({ sender, later, step }) => {
    const numbers = (purpose: Purpose) => numbersFor(purpose, counts.get(sender), failures.get(sender) ?? 0);
    const isTold = (purpose: Purpose) => tellings.some((telling) => telling.sender === sender && telling.purpose === purpose);
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
        addressees(directory, [sender]),
      ),
    );
    const joined = inOneMail(written);
    return later ? joined.map((notice) => ({ ...notice, dueAt: nextMorning(at) })) : joined;
  });
  planNotices(tx, notices);
  const stepOf = new Map(mails.map(({ sender, step }) => [sender, step]));
  return new Map(tellings.map((telling) => [tellingKey(telling), stepOf.get(telling.sender)!]));
}

/** Pure. The same addresses in each section, in the same order: subject and purpose of the first, and one paragraph for each. */
function inOneMail([first, ...others]: readonly (readonly NoticeRow[])[]): NoticeRow[] {
  return (first ?? []).map((notice, i) => ({
    ...notice,
    body: [notice, ...others.map((section) => section[i]!)].map(({ body }) => body).join(notice.channel === 'email' ? '\n\n' : ' '),
  }));
}

function numbersFor(purpose: Purpose, count: SenderCount | undefined, failures: number) {
  if (purpose === 'sender-failed') return { count: failures, grantNeeded: 0, failed: 0, unconfirmed: 0 };
  if (!count) return { count: 0, grantNeeded: 0, failed: 0, unconfirmed: 0 };
  return purpose === 'sender-decision'
    ? { count: count.asked, grantNeeded: count.askedGrantNeeded, failed: count.askedFailed, unconfirmed: 0 }
    : { count: count.told, grantNeeded: count.toldGrantNeeded, failed: count.toldFailed, unconfirmed: count.toldUnconfirmed };
}

/** The same sender and day give the same step, so that the mail is planned once. A UUID version 8 (RFC 9562). */
function digestStep(sender: PartyId, day: string): string {
  const h = createHash('sha256').update(`${sender} ${day}`).digest('hex');
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-8${h.slice(13, 16)}-8${h.slice(17, 20)}-${h.slice(20, 32)}`;
}

const osloDay = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Oslo', dateStyle: 'short' });
const osloHour = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Oslo', hour: 'numeric', hourCycle: 'h23' });

function dayInOslo(at: Date): string {
  return osloDay.format(at);
}

/** Eight o'clock in Norway on the day after. By the hour, since a day has 23 or 25 of them twice a year. */
export function nextMorning(at: Date): Date {
  const today = dayInOslo(at);
  const whole = new Date(at);
  whole.setUTCMinutes(0, 0, 0);
  for (let hour = whole.getTime() + 3_600_000; ; hour += 3_600_000) {
    const when = new Date(hour);
    if (dayInOslo(when) !== today && Number(osloHour.format(when)) === 8) return when;
  }
}
