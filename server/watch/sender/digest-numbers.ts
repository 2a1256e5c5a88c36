import type { Reader } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import type { Purpose } from '#notifications/index.ts';
import { countDeleted } from '../store/deleted.ts';
import { countFailures, countKey } from '../store/failure.ts';
import { countForSenders, countGoing, type GoingCount, listReturnedTo, type Said, type SenderCount } from '../store/told.ts';

/** What a mail may tell a sender, the gravest first. */
export const sections = [
  'sender-failed',
  'files-failed',
  'sender-expiring',
  'files-expiring',
  'paper-returned',
  'sender-decision',
  'files-decision',
  'sender-deleted',
  'sender-unread',
  'files-unread',
] as const satisfies readonly Purpose[];
/** Whoever is asked to decide hears also of what goes undecided. */
export const withIt: Partial<Record<Purpose, Purpose>> = { 'sender-expiring': 'sender-decision', 'files-expiring': 'files-decision' };
const isOfFiles = (purpose: Purpose): boolean => purpose.startsWith('files-');
export const isOfGoing = (purpose: Purpose): boolean => purpose.endsWith('-expiring');

export interface Numbers {
  readonly count: number;
  readonly grantNeeded: number;
  readonly noOpener: number;
  readonly unconfirmed: number;
  readonly failed: number;
  /** When the first bytes of what is counted go. */
  readonly goesAt?: Date;
  /** Of what came back on paper: to whom some of it went. */
  readonly recipients?: readonly string[];
}

/** So many recipients of what came back a mail names. */
const mostRecipients = 3;

/** What there is to tell of a sender's post under each purpose. */
export type NumbersOf = (sender: PartyId, purpose: Purpose) => Numbers;

export async function readNumbers(reader: Reader, senders: readonly PartyId[], at: Date): Promise<NumbersOf> {
  const [counted, failures, going, deleted] = await Promise.all([
    countForSenders(reader, senders),
    countFailures(reader, senders),
    countGoing(reader, senders, at),
    countDeleted(reader, senders),
  ]);
  const returnedTo = await listReturnedTo(
    reader,
    counted.filter(({ returned }) => returned > 0).map(({ sender }) => sender),
    mostRecipients,
  );
  const keyed = <T extends { sender: PartyId; isFile: boolean }>(rows: readonly T[]) =>
    new Map(rows.map((row) => [countKey(row.sender, row.isFile), row]));
  const [counts, goings] = [keyed(counted), keyed(going)];
  return (sender, purpose) => {
    const key = countKey(sender, isOfFiles(purpose));
    return numbersFor(purpose, {
      counts: counts.get(key),
      failures: failures.get(key) ?? 0,
      going: goings.get(key),
      deleted: deleted.get(sender) ?? 0,
      recipients: returnedTo.get(sender),
    });
  };
}

interface Standing {
  readonly counts: SenderCount | undefined;
  readonly failures: number;
  readonly going: GoingCount | undefined;
  readonly deleted: number;
  readonly recipients: readonly string[] | undefined;
}

function numbersFor(purpose: Purpose, { counts, failures, going, deleted, recipients }: Standing): Numbers {
  const none: Numbers = { count: 0, grantNeeded: 0, noOpener: 0, unconfirmed: 0, failed: 0 };
  if (purpose === 'sender-failed' || purpose === 'files-failed') return { ...none, count: failures };
  if (purpose === 'sender-deleted') return { ...none, count: deleted };
  if (isOfGoing(purpose)) return going ? { ...none, count: going.count, goesAt: going.first } : none;
  if (!counts) return none;
  if (purpose === 'paper-returned') return { ...none, count: counts.returned, ...(recipients ? { recipients } : {}) };
  if (purpose === 'sender-decision' || purpose === 'files-decision') {
    const { asked: count, askedGrantNeeded: grantNeeded, askedNoOpener: noOpener, askedFailed: failed } = counts;
    return { count, grantNeeded, noOpener, unconfirmed: 0, failed };
  }
  const { told: count, toldGrantNeeded: grantNeeded, toldNoOpener: noOpener, toldUnconfirmed: unconfirmed, toldFailed: failed } = counts;
  return { count, grantNeeded, noOpener, unconfirmed, failed };
}

export const cannotOpen = ({ grantNeeded, noOpener }: Pick<Numbers, 'grantNeeded' | 'noOpener'>): number => grantNeeded + noOpener;

/** Pure. Whether a mail has counted a piece of post that counts since then, and would have to tell of nothing more. */
export function isSaid(counted: Date | null, now: Numbers, before: Said | undefined): boolean {
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
