import type { EventRow } from '#events/index.ts';
import type { Sql, Tx } from '#kernel/database.ts';
import type { ResourceId } from '#kernel/ids.ts';
import { cancelNotices, cancelNoticesOf, type Purpose, toGrantors, toOpeners } from '#notifications/index.ts';
import { type Party, partyUrn } from '#register/index.ts';
import { tellExpiring } from '../climb/decide-step.ts';
import { untilFetched } from '../progress/note-acts.ts';
import { saveNewSteps } from '../store/begin.ts';
import { refreshNextActions } from '../store/item.ts';
import { fetchedBundles, overBundles } from '../store/step.ts';
import { listGoing, listWaitingFor, mostTelling, saveBytesUntil, type TellingWatch } from '../store/told.ts';

/** Whoever could fetch a file, or see to it that somebody can. */
const toReaders: readonly Purpose[] = [...toOpeners, ...toGrantors, 'file-key-roles', 'file-fallback'];

/** Bytes whose time is over on the wire, while somebody has not opened or fetched them. */
export interface GoingBytes {
  /** Of the attachment or the file transfer. */
  readonly id: string;
  readonly kind: 'attachment' | 'file';
  readonly resource: ResourceId;
  readonly sender: Party;
  readonly goesAt: Date;
  /** None are left: they have gone. */
  readonly daysLeft: number;
}

/**
 * What the sender hears of them: `expiring-unread` when their time on the wire is over, and 7 days and 1 day before they go;
 * `expired-unread` when they have gone undecided. Whoever has not read is for the board to show.
 */
export function unreadBytesEvent({ id, kind, resource, sender, goesAt, daysLeft }: GoingBytes, at: Date): EventRow {
  return {
    type: `no.budstikke.watch.${daysLeft > 0 ? 'expiring-unread' : 'expired-unread'}`,
    source: '/budstikke/v1/watch',
    subject: partyUrn(sender),
    alternativeSubject: sender.kind === 'organization' ? `/organisation/${sender.number}` : null,
    resource,
    resourceInstance: id,
    at,
    data: { kind, daysLeft, goesAt: goesAt.toISOString() },
  };
}

/**
 * Unread bytes go, and the sender is told by mail, with all else that it hears that day: a step of the watches that wait for them, so that it
 * is not lost where nobody can be told now. `going`: rows of `thing`, `about`, `party_id` and `until`, one for each watch of each thing
 * whose bytes go; all at once, so that it is for few.
 */
export async function noteBytesGoing(tx: Tx, going: Sql, at: Date): Promise<void> {
  await tellBytesGoing(tx, await saveBytesUntil(tx, going, at), at);
}

/**
 * As `noteBytesGoing`, of files whose time is over: nobody can fetch them any more, and whoever was to be told or reminded of them, or asked to
 * let somebody in, is not. In the transaction that has purged them.
 */
export async function noteFilesOver(tx: Tx, going: Sql, at: Date): Promise<void> {
  await noteBytesGoing(tx, going, at);
  const over = await listWaitingFor(tx, going);
  if (over.length === 0) return;
  cancelNotices(tx, over, toReaders);
  cancelNoticesOf(tx, overBundles(over), toReaders);
  cancelNoticesOf(tx, fetchedBundles(over), untilFetched);
}

/**
 * As `noteBytesGoing` for a part of the watches, and nobody is told yet. Answers those by which their senders may be told when it is known of
 * all, so that they are told the right number.
 */
export const keepBytesUntil: (tx: Tx, going: Sql, at: Date) => Promise<TellingWatch[]> = saveBytesUntil;

/** Of these as many as it takes to tell each sender. */
export function enoughToTell(found: readonly TellingWatch[]): TellingWatch[] {
  return [...Map.groupBy(found, ({ sender }) => sender).values()].flatMap((of) => of.slice(0, mostTelling));
}

/** Those of these that are open yet tell their senders that bytes go. */
export async function tellBytesGoing(tx: Tx, telling: readonly TellingWatch[], at: Date): Promise<void> {
  const open = await listGoing(tx, telling, at);
  saveNewSteps(
    tx,
    open.map(({ about, party }) => ({ about, party, spec: tellExpiring, source: 'policy', orderId: null, dueAt: at, rank: null })),
    at,
  );
  refreshNextActions(tx, open);
}
