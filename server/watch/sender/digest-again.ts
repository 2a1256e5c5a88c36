import type { Tx } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { type Addressee, type Purpose, planNotices } from '#notifications/index.ts';
import type { Directory } from '../climb/addressees.ts';
import type { Addresses } from '../climb/take-step.ts';
import { forgetMissed, lockMissed, moveFailureNotices } from '../store/missed.ts';
import { lockDigests, saveSaid } from '../store/told.ts';
import { linesOf, wordMail } from './digest-mail.ts';
import { type NumbersOf, readNumbers } from './digest-numbers.ts';

/** Of whom something is said anew, and to whom. */
export interface Untold {
  readonly senders: readonly PartyId[];
  /** The mails that reached nobody were for their second contacts. */
  readonly isSecond: boolean;
  readonly to: readonly Addressee[];
}

const nobody = { email: null, sms: null };

/**
 * What mails were to say and have told nobody, in one mail that goes at once. What there is no more of is left out; that something has failed
 * is said even where its watch has ended with the word that a server took.
 */
export async function planDigestAgain(
  tx: Tx,
  { senders, isSecond, to }: Untold,
  { directory, addresses, at }: { readonly directory: Directory; readonly addresses: Addresses; readonly at: Date },
): Promise<void> {
  await lockDigests(tx, [...new Set([...senders, ...to.flatMap(({ id }) => id ?? [])])]);
  const [missed, current] = await Promise.all([lockMissed(tx, senders, isSecond), readNumbers(tx, senders, at)]);
  const numbersOf: NumbersOf = (sender, purpose) => {
    const now = current(sender, purpose);
    const before = missed.find((each) => each.reader === sender && each.purpose === purpose && purpose.endsWith('-failed'));
    return { ...now, count: now.count || (before?.count ?? 0) };
  };
  const news = missed
    .map(({ reader, purpose }) => ({ sender: reader, purpose: purpose as Purpose, counted: null }))
    .filter(({ sender, purpose }) => numbersOf(sender, purpose).count > 0);
  const mail = { key: '', step: newId(), waits: false, sender: senders[0]!, news };
  const lines = linesOf({ ...mail, ...(isSecond ? { second: nobody } : {}) }, { said: null, numbersOf, at });
  forgetMissed(
    tx,
    missed.filter(({ reader, purpose }) => !lines.some((line) => line.reader === reader && line.purpose === purpose)),
    isSecond,
  );
  if (lines.length === 0) return;
  const senderReaders = new Map([[mail.sender, to]]);
  planNotices(tx, wordMail(mail, lines, { directory, senderReaders, addresses, parties: directory.parties, numbersOf, at }));
  saveSaid(tx, lines);
  moveFailureNotices(
    tx,
    missed.map(({ step }) => step),
    mail.step,
  );
}
