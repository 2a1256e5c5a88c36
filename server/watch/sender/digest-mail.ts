import type { PartyId } from '#kernel/ids.ts';
import { type Addressee, type Addresses, composeNotices, leadTo, type NoticeRow, type Purpose } from '#notifications/index.ts';
import type { Party } from '#register/index.ts';
import type { Scene } from '../climb/scene.ts';
import type { SecondContact } from '../store/second-contact.ts';
import type { Said } from '../store/told.ts';
import { cannotOpen, type NumbersOf, sections, withIt } from './digest-numbers.ts';
import type { Telling } from './sender-digest.ts';
import { atSecondContact } from './sender-readers.ts';

export interface ByMail extends Pick<Scene, 'directory' | 'senderReaders'> {
  readonly addresses: Addresses;
}

/** A mail to somebody who hears for one sender or for several. */
export interface DigestMail {
  readonly key: string;
  readonly step: string;
  /** It goes the next morning. */
  readonly waits: boolean;
  /** One of those that it tells of. */
  readonly sender: PartyId;
  readonly second?: SecondContact;
  /** What is not told yet; none: no mail. */
  readonly news: readonly Telling[];
}

/** However many senders somebody hears for, a mail names so many of them and counts the others. */
const mostNamed = 20;

/**
 * Pure. What a mail tells, the gravest first: what is new; and of one that waits, and is written anew, what it told before (`said`, by whatever
 * mail). What another has told is told already.
 */
export function linesOf(
  { news, step, second }: DigestMail,
  { said, numbersOf, at }: { readonly said: readonly Said[] | null; readonly numbersOf: NumbersOf; readonly at: Date },
): Said[] {
  if (news.length === 0) return [];
  const purposesOf = Map.groupBy(news, ({ sender }) => sender);
  const isNews = (sender: PartyId, purpose: Purpose) => (purposesOf.get(sender) ?? []).some((telling) => telling.purpose === purpose);
  const saidHere = (said ?? []).filter((each) => each.step === step && each.isSecond === (second !== undefined));
  const isSaidHere = (sender: PartyId, purpose: Purpose) => saidHere.some((each) => each.reader === sender && each.purpose === purpose);
  const isTold = (sender: PartyId, purpose: Purpose) =>
    isSaidHere(sender, purpose) || isNews(sender, purpose) || isNews(sender, withIt[purpose] ?? purpose);
  const senders = [...new Set([...purposesOf.keys(), ...saidHere.map(({ reader }) => reader)])];
  const each = sections.flatMap((purpose) => senders.map((sender) => ({ sender, purpose })));
  const counted = each.filter(({ sender, purpose }) => isTold(sender, purpose) && numbersOf(sender, purpose).count > 0);
  const told = counted.length > 0 ? counted : each.filter(({ sender, purpose }) => isNews(sender, purpose) && !withIt[purpose]);
  return told.map(({ sender, purpose }) => {
    const { count, unconfirmed, failed, recipients: _recipients, ...numbers } = numbersOf(sender, purpose);
    return {
      reader: sender,
      isSecond: second !== undefined,
      purpose,
      step,
      at,
      count,
      grantNeeded: cannotOpen(numbers),
      unconfirmed,
      failed,
    };
  });
}

/** Pure. One paragraph for each line. To who hears for a sender that lives and cannot decide in its stead, the last says who can. */
export function wordMail(
  { sender: first, step, second }: DigestMail,
  lines: readonly Said[],
  { directory, senderReaders, addresses, parties, numbersOf, at }: Wording,
): NoticeRow[] {
  const readers = second ? atSecondContact(directory, first, second) : (senderReaders.get(first) ?? []);
  const senders = [...new Set(lines.map(({ reader }) => reader))];
  const named = lines.filter(({ reader }) => senders.indexOf(reader) < mostNamed);
  const written = named.map(({ reader: sender, purpose }, i) => {
    const party = parties.get(sender);
    const isLast = !named.slice(i + 1).some(({ reader }) => reader === sender);
    const { recipients = [], ...numbers } = numbersOf(sender, purpose as Purpose);
    const values = {
      recipients: !second && mayName(party, readers, directory) ? recipients : [],
      ...{ senderName: party?.name ?? '', recipientName: '', confidential: false, dueAt: null },
      ...leadTo(addresses, { purpose: purpose as Purpose, sender: whoseBoard(party, readers, parties) }),
      ...{ ...numbers, count: Math.max(1, numbers.count) },
      decidesItself: isLast && party?.alive === true && readers.some(({ id }) => id !== sender),
      otherSenders: i === named.length - 1 ? Math.max(0, senders.length - mostNamed) : 0,
    };
    return composeNotices({ about: null, step, purpose: purpose as Purpose, channel: 'preferred', values, at }, readers);
  });
  return inOneMail(written);
}

/** Of a sender that is gone, who stands in for it sees its post on a board of its own. */
function whoseBoard(sender: Party | undefined, readers: readonly Addressee[], parties: Wording['parties']): Party | undefined {
  return sender?.alive ? sender : parties.get(readers[0]?.id as PartyId);
}

/** To whom a sender has written is told to the sender itself, and to who stands in for one that is gone: to no second contact and no main unit. */
function mayName(party: Party | undefined, readers: readonly Addressee[], { points }: ByMail['directory']): boolean {
  const isOwn = (channel: string, address: string) =>
    (points.get(party!.id) ?? []).some((own) => own.channel === channel && own.address === address);
  return (
    party !== undefined &&
    readers.every(({ id, contactPoints }) =>
      id === party.id ? contactPoints.every(({ channel, address }) => isOwn(channel, address)) : !party.alive,
    )
  );
}

interface Wording extends ByMail {
  readonly parties: ReadonlyMap<PartyId, Party>;
  readonly numbersOf: NumbersOf;
  readonly at: Date;
}

/** Pure. The same addresses in each section, in the same order: subject and purpose of the first, and one paragraph for each. */
function inOneMail([first, ...others]: readonly (readonly NoticeRow[])[]): NoticeRow[] {
  return (first ?? []).map((notice, i) => ({
    ...notice,
    tells: [...new Set([notice, ...others.map((section) => section[i]!)].map(({ purpose }) => purpose))],
    body: [notice, ...others.map((section) => section[i]!)].map(({ body }) => body).join(notice.channel === 'email' ? '\n\n' : ' '),
  }));
}
