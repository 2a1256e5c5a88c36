import { createHash } from 'node:crypto';
import type { Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { composeNotices, type Purpose, planNotices, stepsUnderWay } from '#notifications/index.ts';
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

/**
 * Tells senders by mail how much of their post is unread: one mail a day for each purpose, however many messages there are.
 * The first goes at once; what comes after it that day is gathered into one that goes at eight the next morning.
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
  const once = [...new Map(tellings.map((telling) => [tellingKey(telling), telling])).values()];
  if (once.length === 0) return new Map();
  const senders = [...new Set(once.map((t) => t.sender))];
  await lockDigests(tx, senders);
  const counts = new Map((await countForSenders(tx, senders)).map((count) => [count.sender, count]));
  const failures = once.some(({ purpose }) => purpose === 'sender-failed') ? await countFailures(tx, senders) : new Map<PartyId, number>();
  const today = once.map((telling) => digestStep(telling, dayInOslo(at)));
  const underWay = await stepsUnderWay(tx, today);

  const mails = once.map((telling, i) => {
    const later = underWay.has(today[i]!) ? nextMorning(at) : undefined;
    return { telling, later, step: later ? digestStep(telling, dayInOslo(later)) : today[i]! };
  });
  const notices = mails.flatMap(({ telling, later, step }) => {
    const composed = composeNotices(
      {
        about: null,
        step,
        purpose: telling.purpose,
        channel: 'preferred',
        values: {
          senderName: directory.parties.get(telling.sender)?.name ?? '',
          recipientName: '',
          confidential: false,
          dueAt: null,
          inboxAddress: addresses.inbox,
          consoleAddress: addresses.console,
          ...numbersFor(telling.purpose, counts.get(telling.sender), failures.get(telling.sender) ?? 0),
        },
        at,
      },
      addressees(directory, [telling.sender]),
    );
    return later ? composed.map((notice) => ({ ...notice, dueAt: later })) : composed;
  });
  planNotices(tx, notices);
  return new Map(mails.map(({ telling, step }) => [tellingKey(telling), step]));
}

function numbersFor(purpose: Purpose, count: SenderCount | undefined, failures: number) {
  if (purpose === 'sender-failed') return { count: failures, grantNeeded: 0, failed: 0, unconfirmed: 0 };
  if (!count) return { count: 0, grantNeeded: 0, failed: 0, unconfirmed: 0 };
  return purpose === 'sender-decision'
    ? { count: count.asked, grantNeeded: count.askedGrantNeeded, failed: count.askedFailed, unconfirmed: 0 }
    : { count: count.told, grantNeeded: count.toldGrantNeeded, failed: count.toldFailed, unconfirmed: count.toldUnconfirmed };
}

/** The same sender, purpose and day give the same step, so that the mail is planned once. A UUID version 8 (RFC 9562). */
function digestStep(telling: Telling, day: string): string {
  const h = createHash('sha256')
    .update(`${tellingKey(telling)} ${day}`)
    .digest('hex');
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
