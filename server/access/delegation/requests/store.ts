import { type Reader, type Sql, sql, type Tx } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import type { RequestState } from './states.ts';

export interface DelegationRequest {
  readonly id: string;
  readonly at: PartyId;
  readonly to: PartyId;
  readonly package: string | null;
  readonly resource: ResourceId | null;
  readonly actions: readonly string[];
  readonly requestedBy: PartyId;
  readonly status: RequestState;
  readonly createdAt: Date;
  readonly decidedAt: Date | null;
}

const face: Sql = sql`
  r.id, r.at_id as at, r.to_id as "to", r.package, r.resource_id as resource, r.actions, r.requested_by as "requestedBy", r.status,
  r.created_at as "createdAt", r.decided_at as "decidedAt"`;

/** Stores a request, unless the same one is pending; that one is answered then. index: delegation_request_once */
export async function saveRequest(tx: Tx, row: DelegationRequest): Promise<DelegationRequest> {
  await tx.run(sql`
    insert into access.delegation_request (id, at_id, to_id, package, resource_id, actions, requested_by, status, created_at)
    values (${row.id}, ${row.at}, ${row.to}, ${row.package}, ${row.resource}, ${row.actions}, ${row.requestedBy}, ${row.status}, ${row.createdAt})
        on conflict (at_id, to_id, package, resource_id, requested_by) where status = 'Pending' do nothing`);
  return tx.one<DelegationRequest>(sql`
    select ${face} from access.delegation_request r
     where r.at_id = ${row.at} and r.to_id = ${row.to} and r.requested_by = ${row.requestedBy} and r.status = 'Pending'
       and r.package is not distinct from ${row.package}::text and r.resource_id is not distinct from ${row.resource}::text`);
}

/** index: delegation_request_pkey */
export function findRequest(reader: Reader, id: string): Promise<DelegationRequest | undefined> {
  return reader.maybe<DelegationRequest>(sql`select ${face} from access.delegation_request r where r.id = ${id}`);
}

/** Others who decide on it wait. Read it afterwards. */
export async function lockRequest(tx: Tx, id: string): Promise<DelegationRequest | undefined> {
  await tx.run(sql`select from access.delegation_request where id = ${id} for update`);
  return findRequest(tx, id);
}

/** Joined writing. */
export function saveStatus(tx: Tx, id: string, status: RequestState, decided: { at: Date; by: PartyId }): void {
  tx.send(sql`
    update access.delegation_request set status = ${status}, decided_at = ${decided.at}, decided_by = ${decided.by} where id = ${id}`);
}

/** Requests to a party, a page in the order in which they came. index: delegation_request_at for pending ones */
export function listRequestsAt(
  reader: Reader,
  at: PartyId,
  page: { status: RequestState; after: string | null; limit: number },
): Promise<DelegationRequest[]> {
  return reader.all<DelegationRequest>(sql`
    select ${face} from access.delegation_request r
     where r.at_id = ${at} and r.status = ${page.status} and (${page.after}::uuid is null or r.id > ${page.after})
     order by r.id limit ${page.limit}`);
}

/**
 * What is asked of these parties and not answered, the latest 100 of each, for whoever shows it beside what it would open: one that is
 * asked very much hides no other, and all of it is read at the party's own list.
 * index: delegation_request_at
 */
export function listPendingRequests(reader: Reader, parties: readonly PartyId[]): Promise<DelegationRequest[]> {
  return reader.all<DelegationRequest>(sql`
    select r.* from unnest(${parties}::uuid[]) p (id)
     cross join lateral (select ${face} from access.delegation_request r
                          where r.at_id = p.id and r.status = 'Pending' order by r.id desc limit 100) r
     order by p.id, r.id`);
}

/** Whether a resource of this owner asks for the access package. */
export async function ownerAsksFor(reader: Reader, owner: PartyId, code: string): Promise<boolean> {
  const row = await reader.maybe(sql`select from access.resource where owner_id = ${owner} and ${code} = any (packages) limit 1`);
  return row !== undefined;
}
