import type { Caller, Context } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { findParties } from '#register/index.ts';
import { actingFor } from '../acting-for.ts';
import { countStandings, type Standing } from '../store/follow.ts';
import { findFirstRecipients, listLatestSent, type SentRow, searchSent } from '../store/sent.ts';
import type { SentFile, SentFiles, SentFilesQuery } from './wire.ts';

/** Files of one answer. What the caller has no right to any more is left out of it. */
const page = 50;

/**
 * What the caller's party has sent, latest first, with the name of each file and how far its recipients have come. Words are looked for in
 * names and references, so far back at a time: a page may be empty and not the last.
 */
export async function listSentFiles({ db }: Context, caller: Caller, query: SentFilesQuery): Promise<SentFiles> {
  const { party } = caller;
  if (party === null) return { files: [], next: null };
  const [text, wanted] = [query.q?.trim() ?? '', { party, ids: query.id ?? null, after: query.after ?? null, limit: page + 1 }];
  const { rows: found, lookedTo } =
    text === '' ? { rows: await listLatestSent(db, wanted), lookedTo: null } : await searchSent(db, { ...wanted, text });
  const shown = found.slice(0, page);
  const mine = await mayWrite(db, caller, party, shown);
  const rows = shown.filter(({ resourceId }) => mine.has(resourceId));
  const ids = rows.map(({ id }) => id);
  const standings = new Map((await countStandings(db, ids)).map((one) => [one.id, one]));
  const firsts = await findFirstRecipients(db, ids);
  const parties = await findParties(db, [...new Set(firsts.values())]);
  return {
    files: rows.map((row) => fileOf(row, standings.get(row.id)!, parties.get(firsts.get(row.id)!)?.name ?? '')),
    next: found.length > page ? shown.at(-1)!.id : lookedTo,
  };
}

/** A page of one party's files lies in a handful of services, each of which is asked about once. */
async function mayWrite(reader: Reader, caller: Caller, party: PartyId, rows: readonly SentRow[]): Promise<Set<ResourceId>> {
  const resources = [...new Set(rows.map(({ resourceId }) => resourceId))];
  const acting = await Promise.all(
    resources.map((resourceId) => actingFor(reader, caller, { action: 'write', parties: [party], on: { resourceId } })),
  );
  return new Set(resources.filter((_, i) => acting[i]));
}

function fileOf(row: SentRow, { recipients, unfetched, fetched, confirmed, awaited }: Standing, firstRecipient: string): SentFile {
  return {
    id: row.id,
    fileName: row.fileName,
    resource: row.resourceId,
    sendersReference: row.sendersReference,
    status: row.state,
    sizeBytes: row.sizeBytes,
    createdAt: row.createdAt.toISOString(),
    publishedAt: row.publishedAt?.toISOString() ?? null,
    expiresAt: row.expiresAt.toISOString(),
    bytesUntil: row.keptUntil?.toISOString() ?? null,
    firstRecipient,
    recipients: { all: recipients, unfetched, fetched, confirmed, awaited },
  };
}
