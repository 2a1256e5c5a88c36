import type { Caller, Context } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { findParties, type Party } from '#register/index.ts';
import { actingFor } from '../acting-for.ts';
import {
  countStandings,
  type FollowedRow,
  type Following,
  listReceived,
  listSent,
  type ReceivedRow,
  type Standing,
} from '../store/follow.ts';
import { asOrganizationId, bareResourceId } from '../wire.ts';
import type { FollowAnswer, Followed, FollowQuery } from './wire.ts';

/** Transfers of one answer. What the caller has no right to any more is left out of it. */
const page = 100;

/**
 * What the caller has sent, or has received, across resources and oldest first, with how far it has come: also what was fetched and not
 * confirmed, which the original's list no longer finds by `recipientStatus=Initialized`. It stays until somebody confirms or the sender
 * decides. Looking fetches nothing.
 */
export async function listFollowed(ctx: Context, caller: Caller, query: FollowQuery): Promise<FollowAnswer> {
  const { party } = caller;
  if (party === null) return { transfers: [], next: null };
  const following: Following = {
    party,
    resource: query.resourceId === undefined ? null : bareResourceId<ResourceId>(query.resourceId),
    state: query.state ?? null,
    unfetched: query.unfetched ?? null,
    unconfirmed: query.unconfirmed ?? null,
    after: query.after ?? null,
    limit: page + 1,
  };
  const asSender = query.role === 'sender';
  const found: (FollowedRow | ReceivedRow)[] = await (asSender ? listSent : listReceived)(ctx.db, following);
  const shown = found.slice(0, page);
  const mine = await rightsTo(ctx.db, caller, party, asSender ? 'write' : 'read', shown);
  const rows = shown.filter(({ resourceId }) => mine.has(resourceId));
  const ids = rows.map(({ id }) => id);
  const standings = new Map(asSender ? (await countStandings(ctx.db, ids)).map((one) => [one.id, one]) : []);
  const senders = await findParties(ctx.db, [...new Set(rows.map(({ senderId }) => senderId))]);
  return {
    transfers: rows.map((row) => viewOf(row, senders.get(row.senderId), standings.get(row.id))),
    next: found.length > page ? shown.at(-1)!.id : null,
  };
}

/** A page of one party's transfers lies in a handful of resources, each of which is asked about once. */
async function rightsTo(
  reader: Reader,
  caller: Caller,
  party: PartyId,
  action: 'read' | 'write',
  rows: readonly FollowedRow[],
): Promise<Set<ResourceId>> {
  const resources = [...new Set(rows.map(({ resourceId }) => resourceId))];
  const acting = await Promise.all(
    resources.map((resourceId) => actingFor(reader, caller, { action, parties: [party], on: { resourceId } })),
  );
  return new Set(resources.filter((_, i) => acting[i]));
}

function viewOf(row: FollowedRow | ReceivedRow, sender: Party | undefined, standing: Standing | undefined): Followed {
  return {
    fileTransferId: row.id,
    resourceId: row.resourceId,
    sender: asOrganizationId(sender?.number ?? null),
    sendersFileTransferReference: row.sendersReference,
    fileTransferStatus: row.state,
    fileTransferSize: row.sizeBytes ?? 0,
    created: row.createdAt.toISOString(),
    published: row.publishedAt?.toISOString() ?? null,
    expirationTime: row.expiresAt.toISOString(),
    own: 'status' in row ? { status: row.status, fetchedAt: row.fetchedAt?.toISOString() ?? null, awaited: row.awaited } : null,
    recipients: standing ? countsOf(standing) : null,
  };
}

function countsOf({ recipients, unfetched, fetched, confirmed, awaited }: Standing): Followed['recipients'] {
  return { all: recipients, unfetched, fetched, confirmed, awaited };
}
