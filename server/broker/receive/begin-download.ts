import { findResources } from '#access/index.ts';
import { type Answer, answered, busy, joinCallers } from '#db/index.ts';
import { type Chosen, chosenBytes, type RangeAsked } from '#kernel/byte-range.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Reader, Tx } from '#kernel/database.ts';
import type { FileTransferId, PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { type Acting, actingFor, actingForEach } from '../acting-for.ts';
import { brokerErrors as e } from '../errors.ts';
import {
  findAttempts,
  listBegunSince,
  listRecipients,
  lockRecipients,
  type NewAttempt,
  recipientKey,
  saveStandings,
} from '../store/recipient.ts';
import { lockTransfers, type Transfer } from '../store/transfer.ts';
import { refuseUnlessReady } from './decide.ts';

/** What the answer says of a file. */
export interface File {
  readonly fileName: string;
  readonly sizeBytes: number;
  /** A strong one, with its quotes. */
  readonly entityTag: string;
  /** lower-case hex */
  readonly sha256: string;
}

export function fileOf({ fileName, sizeBytes, sha256 }: Transfer): File {
  return { fileName, sizeBytes: sizeBytes ?? 0, entityTag: `"${sha256}"`, sha256: sha256 ?? '' };
}

export interface Receivable {
  readonly transfer: Transfer;
  readonly acting: Acting;
}

/** Refuses transferNotFound, noAccess, notReady, nothingUploaded, resourceNotConfigured. */
export async function receivable(reader: Reader, caller: Caller, transfer: Transfer | undefined, at: Date): Promise<Receivable> {
  const acting = await asRecipient(reader, caller, transfer);
  const resources = await findResources(reader, [transfer!.resourceId]);
  return decideReceivable({ transfer, acting, hasResource: resources.has(transfer!.resourceId) }, at);
}

/** For which recipient the caller acts. Refuses transferNotFound, noAccess. */
export async function asRecipient(reader: Reader, caller: Caller, transfer: Transfer | undefined): Promise<Acting> {
  if (!transfer) throw refuse(e.transferNotFound);
  const parties = (await listRecipients(reader, [transfer.id])).map(({ partyId }) => partyId);
  const acting = await actingFor(reader, caller, { action: 'read', parties, on: transfer });
  if (!acting) throw refuse(e.noAccess, { id: transfer.id });
  return acting;
}

interface Facts {
  readonly transfer: Transfer | undefined;
  readonly acting: Acting | undefined;
  readonly hasResource: boolean;
}

/** Pure. */
function decideReceivable({ transfer, acting, hasResource }: Facts, at: Date): Receivable {
  if (!transfer) throw refuse(e.transferNotFound);
  if (!acting) throw refuse(e.noAccess, { id: transfer.id });
  refuseUnlessReady(transfer, at);
  if (!hasResource) throw refuse(e.resourceNotConfigured);
  return { transfer, acting };
}

/** Somebody who wants a file, or a part of it. */
export interface Fetching {
  readonly ctx: Pick<Context, 'now'>;
  readonly caller: Caller;
  readonly id: FileTransferId;
  readonly part: RangeAsked;
  /** Of the attempt, in the history. */
  readonly attemptId: string;
}

/** A download that has begun. */
export interface Fetch extends Receivable {
  readonly bytes: Chosen | 'whole';
  readonly attempt: NewAttempt;
}

/** A recipient's parts of one file within this time count as one download. */
const oneDownloadMillis = 5 * 60 * 1000;

/** A transfer to more than so many is asked about by itself. */
const mostRecipients = 100;

/**
 * Notes that a recipient begins to fetch a file; it is not purged before this has begun. Callers who come at the same time share a
 * transaction. Refuses transferNotFound, noAccess, notReady, nothingUploaded, resourceNotConfigured, rangeNotSatisfiable.
 */
export const beginDownload = joinCallers<Fetching, Fetch>({
  run: beginDownloads,
  async findWritten(reader, begun) {
    const written = await findAttempts(
      reader,
      begun.map(({ attempt }) => attempt.attemptId),
    );
    return new Set(begun.filter(({ attempt }) => written.has(attempt.attemptId)));
  },
});

async function beginDownloads(tx: Tx, asked: readonly Fetching[], waits: boolean): Promise<(Answer<Fetch> | typeof busy)[]> {
  const ids = [...new Set(asked.map(({ id }) => id))];
  const { transfers, isHeld } = await lockTransfers(tx, ids, { waits, shared: true });
  const recipients = Map.groupBy(await listRecipients(tx, ids), ({ transferId }) => transferId);
  const partiesOf = (id: FileTransferId): PartyId[] => (recipients.get(id) ?? []).map(({ partyId }) => partyId);
  const isLater = ({ id }: Fetching) => isHeld(id) || (!waits && partiesOf(id).length > mostRecipients);
  const now = asked.filter((one) => !isLater(one));
  const [acting, resources] = await Promise.all([
    waits
      ? Promise.all(now.map(({ caller, id }) => readerOf(tx, caller, transfers.get(id), partiesOf(id))))
      : readersOf(tx, now, transfers, partiesOf),
    findResources(tx, [...new Set([...transfers.values()].map(({ resourceId }) => resourceId))]),
  ]);
  const decided = new Map(
    now.map((fetching, i): [Fetching, Answer<Fetch>] => {
      const transfer = transfers.get(fetching.id);
      const facts = { transfer, acting: acting[i], hasResource: transfer !== undefined && resources.has(transfer.resourceId) };
      return [fetching, answered(() => decideFetch(fetching, facts))];
    }),
  );

  const fetches = [...decided.values()].flatMap((answer) => ('value' in answer ? [answer.value] : []));
  const locked = await lockRecipients(
    tx,
    fetches.map(({ attempt }) => attempt),
    { waits },
  );
  // Of two that fetch the same file for the same recipient the second looks at what the first has written.
  const isFirst = (fetch: Fetch, i: number) =>
    fetches.findIndex(({ attempt }) => recipientKey(attempt) === recipientKey(fetch.attempt)) === i;
  const ours = new Set(fetches.filter((fetch, i) => locked.has(recipientKey(fetch.attempt)) && isFirst(fetch, i)));
  saveStandings(tx, await newAttempts(tx, [...ours]));
  return asked.map((fetching) => {
    const answer = decided.get(fetching);
    return answer && ('refusal' in answer || ours.has(answer.value)) ? answer : busy;
  });
}

/** All but parts of a download that has begun. */
async function newAttempts(tx: Tx, fetches: readonly Fetch[]): Promise<NewAttempt[]> {
  const parts = fetches.filter(({ bytes }) => bytes !== 'whole');
  const begun = await listBegunSince(
    tx,
    parts.map(({ attempt }) => ({ ...attempt, since: new Date(attempt.at.getTime() - oneDownloadMillis) })),
  );
  return fetches.flatMap((fetch) => (parts.includes(fetch) && begun.has(recipientKey(fetch.attempt)) ? [] : [fetch.attempt]));
}

/** For whom each acts, in one question. */
function readersOf(
  tx: Tx,
  asked: readonly Fetching[],
  transfers: ReadonlyMap<FileTransferId, Transfer>,
  partiesOf: (id: FileTransferId) => readonly PartyId[],
): Promise<(Acting | undefined)[]> {
  return actingForEach(
    tx,
    asked.map(({ caller, id }) => {
      const on = transfers.get(id);
      return { caller, action: 'read' as const, parties: on ? partiesOf(id) : [], on: on ?? { resourceId: '' as Transfer['resourceId'] } };
    }),
  );
}

async function readerOf(tx: Tx, caller: Caller, transfer: Transfer | undefined, parties: readonly PartyId[]): Promise<Acting | undefined> {
  return transfer && actingFor(tx, caller, { action: 'read', parties, on: transfer });
}

/** Pure. */
function decideFetch({ ctx, caller, id, part, attemptId }: Fetching, facts: Facts): Fetch {
  const at = ctx.now();
  const { transfer, acting } = decideReceivable(facts, at);
  const file = fileOf(transfer);
  const bytes = chosenBytes(part, file.sizeBytes, file.entityTag);
  if (bytes === 'unsatisfiable') throw refuse(e.rangeNotSatisfiable, { id });
  const { party } = acting;
  const attempt: NewAttempt = { attemptId, id, party, status: 'DownloadStarted', at, by: caller.party, vendor: caller.consumer };
  return { transfer, acting, bytes, attempt };
}
