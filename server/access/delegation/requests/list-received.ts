import type { Caller, Context } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { findParties } from '#register/index.ts';
import { callingPerson } from '../../grants/create-grant.ts';
import { findPackageNames } from '../../store/grants.ts';
import { administeredParty } from '../sides.ts';
import { nextLink } from '../views.ts';
import { type DelegationRequest, listRequestsAt } from './store.ts';
import type { ReceivedPage, ReceivedQuery, ReceivedRequest } from './wire.ts';

const pageSize = 100;

/** What senders ask of a party, for those who administer access there: what is pending, or of the state that is named. Refuses callerNotPerson, notAdministrator. */
export function listReceived(ctx: Context, caller: Caller, query: ReceivedQuery): Promise<ReceivedPage> {
  const by = callingPerson(caller);
  const party = (query.party.toLowerCase() === 'me' ? by : query.party.toLowerCase()) as PartyId;
  return ctx.db.transaction(async (tx) => {
    const { id } = await administeredParty(tx, by, party);
    const rows = await listRequestsAt(tx, id, { status: query.status ?? 'Pending', after: query.token ?? null, limit: pageSize + 1 });
    const page = rows.slice(0, pageSize);
    return {
      links: nextLink('/accessmanagement/api/v1/enduser/request/received', query, rows.length > pageSize ? page.at(-1)!.id : null),
      data: await receivedViews(tx, page),
    };
  });
}

export async function receivedViews(reader: Reader, rows: readonly DelegationRequest[]): Promise<ReceivedRequest[]> {
  const parties = await findParties(reader, [...new Set(rows.flatMap(({ at, to, requestedBy }) => [at, to, requestedBy]))]);
  const names = await findPackageNames(reader, [...new Set(rows.flatMap((row) => row.package ?? []))]);
  const end = (id: PartyId) => ({ id, name: parties.get(id)?.name ?? '' });
  return rows.map((row) => {
    const sender = parties.get(row.requestedBy);
    return {
      id: row.id,
      status: row.status,
      type: row.package === null ? 'resource' : 'package',
      from: end(row.at),
      to: end(row.to),
      requestedBy: { name: sender?.name ?? '', organizationNumber: sender?.kind === 'organization' ? sender.number : null },
      resource: row.resource === null ? null : { referenceId: row.resource },
      package:
        row.package === null ? null : { referenceId: `urn:altinn:accesspackage:${row.package}`, name: names.get(row.package) ?? null },
      actions: [...row.actions],
      createdAt: row.createdAt.toISOString(),
      decidedAt: row.decidedAt?.toISOString() ?? null,
    };
  });
}
