import { type Reader, type Sql, sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import type { NeededRight } from '../system-register/store.ts';
import { type SystemRequestState, timeOutDays } from './states.ts';

export interface SystemUserRow {
  readonly id: PartyId;
  readonly systemId: string;
  readonly ownerId: PartyId;
  readonly kind: 'standard' | 'agent';
  readonly externalRef: string;
  readonly integrationTitle: string;
  /** Of an agent: what it may be given for clients. */
  readonly packages: readonly string[];
  readonly createdAt: Date;
  readonly deletedAt: Date | null;
}

export interface SystemRequest {
  readonly id: string;
  readonly kind: 'standard' | 'agent' | 'change';
  readonly systemId: string;
  readonly ownerId: PartyId;
  readonly externalRef: string;
  readonly systemUserId: PartyId | null;
  readonly rights: readonly NeededRight[];
  readonly packages: readonly string[];
  readonly unwantedRights: readonly NeededRight[];
  readonly unwantedPackages: readonly string[];
  readonly redirectUrl: string | null;
  readonly integrationTitle: string;
  readonly status: SystemRequestState;
  readonly escalated: boolean;
  readonly createdAt: Date;
}

const user: Sql = sql`
  u.id, u.system_id as "systemId", u.owner_id as "ownerId", u.kind, u.external_ref as "externalRef", u.integration_title as "integrationTitle",
  u.packages, u.created_at as "createdAt", u.deleted_at as "deletedAt"`;

/** As it is now: a request that nobody has answered in time is over, whether the sweeper has been there or not. */
const request: Sql = sql`
  r.id, r.kind, r.system_id as "systemId", r.owner_id as "ownerId", r.external_ref as "externalRef", r.system_user_id as "systemUserId",
  r.rights, r.packages, r.unwanted_rights as "unwantedRights", r.unwanted_packages as "unwantedPackages", r.redirect_url as "redirectUrl",
  r.integration_title as "integrationTitle", r.escalated, r.created_at as "createdAt",
  case when r.status = 'New' and r.created_at <= clock.now() - make_interval(days => ${timeOutDays}) then 'Timedout' else r.status end as status`;

/** index: system_user_pkey */
export function findSystemUser(reader: Reader, id: string): Promise<SystemUserRow | undefined> {
  return reader.maybe<SystemUserRow>(sql`select ${user} from access.system_user u where u.id = ${id} and u.deleted_at is null`);
}

/** Those of these system users that are agents. index: system_user_pkey */
export async function agentsAmong(reader: Reader, ids: readonly PartyId[]): Promise<ReadonlySet<PartyId>> {
  if (ids.length === 0) return new Set();
  const rows = await reader.all<{ id: PartyId }>(sql`select id from access.system_user where id = any (${ids}::uuid[]) and kind = 'agent'`);
  return new Set(rows.map(({ id }) => id));
}

/** One for a system, an organization and a reference. index: system_user_once */
export function findSystemUserBy(
  reader: Reader,
  by: { systemId: string; ownerId: PartyId; externalRef: string },
  kinds: readonly string[] = ['standard', 'agent'],
): Promise<SystemUserRow | undefined> {
  return reader.maybe<SystemUserRow>(sql`
    select ${user} from access.system_user u
     where u.system_id = ${by.systemId} and u.owner_id = ${by.ownerId} and u.external_ref = ${by.externalRef} and u.kind = any (${kinds}::text[])
       and u.deleted_at is null
     order by u.kind desc limit 1`);
}

/** The system user of an organization that a client of a registered system acts as. index: system_clients, system_user_once */
export function findSystemUserOfClient(
  reader: Reader,
  by: { clientId: string; vendorId: PartyId; ownerId: PartyId; externalRef: string },
): Promise<SystemUserRow | undefined> {
  return reader.maybe<SystemUserRow>(sql`
    select ${user} from access.system s join access.system_user u on u.system_id = s.id and u.deleted_at is null
     where s.client_ids @> array[${by.clientId}::text] and s.deleted_at is null and s.vendor_id = ${by.vendorId}
       and u.owner_id = ${by.ownerId} and u.external_ref = ${by.externalRef}
     order by u.kind desc, u.id limit 1`);
}

/** Those of these system users that are of a registered system: only its clients act as them. index: system_user_pkey, system_pkey */
export async function registeredAmong(reader: Reader, ids: readonly PartyId[]): Promise<ReadonlySet<PartyId>> {
  if (ids.length === 0) return new Set();
  const rows = await reader.all<{ id: PartyId }>(sql`
    select u.id from access.system_user u join access.system s on s.id = u.system_id where u.id = any (${ids}::uuid[])`);
  return new Set(rows.map(({ id }) => id));
}

/** All of them: the original's answer has no next page. index: system_user_owner */
export function listSystemUsersOf(reader: Reader, owner: PartyId, kind: 'standard' | 'agent'): Promise<SystemUserRow[]> {
  return reader.all<SystemUserRow>(sql`
    select ${user} from access.system_user u where u.owner_id = ${owner} and u.kind = ${kind} and u.deleted_at is null order by u.id`);
}

/** A page in the order of the ids. index: system_user_system */
export function listSystemUsersBySystem(
  reader: Reader,
  systemId: string,
  page: { after: string | null; limit: number },
): Promise<SystemUserRow[]> {
  return reader.all<SystemUserRow>(sql`
    select ${user} from access.system_user u
     where u.system_id = ${systemId} and u.deleted_at is null and (${page.after}::uuid is null or u.id > ${page.after})
     order by u.id limit ${page.limit}`);
}

/** Joined writing; its party stands already. */
export function saveSystemUser(tx: Tx, row: SystemUserRow): void {
  tx.send(sql`
    insert into access.system_user as u (id, system_id, owner_id, kind, external_ref, integration_title, packages, created_at)
    values (${row.id}, ${row.systemId}, ${row.ownerId}, ${row.kind}, ${row.externalRef}, ${row.integrationTitle}, ${row.packages}, ${row.createdAt})
        on conflict (id) do update set packages = excluded.packages`);
}

/** System users that came without a request, known by their system's name and their owner's number; one that stands is left. Joined writing. */
export function saveTownSystemUsers(tx: Tx, rows: readonly { id: PartyId; system: string; owner: PartyId }[]): void {
  tx.send(sql`
    insert into access.system_user (id, system_id, owner_id, kind, external_ref, integration_title, created_at)
    select g.id, g.system, g.owner, 'standard', coalesce(o.number, ''), g.system, clock.now()
      from unnest(${rows.map((r) => r.id)}::uuid[], ${rows.map((r) => r.system)}::text[], ${rows.map((r) => r.owner)}::uuid[]) as g (id, system, owner)
      join register.party_face o on o.id = g.owner
        on conflict do nothing`);
}

/** Joined writing. */
export function saveSystemUserEnd(tx: Tx, id: PartyId, at: Date): void {
  tx.send(sql`update access.system_user set deleted_at = ${at} where id = ${id} and deleted_at is null`);
}

/** Stores a request, unless the same one is open; that one is answered then. index: system_user_request_once */
export async function saveSystemRequest(tx: Tx, row: SystemRequest): Promise<SystemRequest> {
  await tx.run(sql`
    insert into access.system_user_request (id, kind, system_id, owner_id, external_ref, system_user_id, rights, packages, unwanted_rights,
           unwanted_packages, redirect_url, integration_title, status, created_at)
    values (${row.id}, ${row.kind}, ${row.systemId}, ${row.ownerId}, ${row.externalRef}, ${row.systemUserId}, ${JSON.stringify(row.rights)}::jsonb,
            ${row.packages}, ${JSON.stringify(row.unwantedRights)}::jsonb, ${row.unwantedPackages}, ${row.redirectUrl}, ${row.integrationTitle},
            'New', ${row.createdAt})
        on conflict (kind, system_id, owner_id, external_ref) where status = 'New' and deleted_at is null do nothing`);
  return tx.one<SystemRequest>(sql`
    select ${request} from access.system_user_request r
     where r.kind = ${row.kind} and r.system_id = ${row.systemId} and r.owner_id = ${row.ownerId} and r.external_ref = ${row.externalRef}
       and r.status = 'New' and r.deleted_at is null`);
}

/** index: system_user_request_pkey */
export function findSystemRequest(reader: Reader, id: string): Promise<SystemRequest | undefined> {
  return reader.maybe<SystemRequest>(sql`select ${request} from access.system_user_request r where r.id = ${id} and r.deleted_at is null`);
}

/** The latest of a system, an organization and a reference. index: system_user_request_system */
export function findSystemRequestBy(
  reader: Reader,
  by: { systemId: string; ownerId: PartyId; externalRef: string },
  kind: SystemRequest['kind'],
): Promise<SystemRequest | undefined> {
  return reader.maybe<SystemRequest>(sql`
    select ${request} from access.system_user_request r
     where r.system_id = ${by.systemId} and r.owner_id = ${by.ownerId} and r.external_ref = ${by.externalRef} and r.kind = ${kind}
       and r.deleted_at is null
     order by r.id desc limit 1`);
}

/** A page of a system's requests. index: system_user_request_system */
export function listSystemRequests(
  reader: Reader,
  systemId: string,
  kind: SystemRequest['kind'],
  page: { after: string | null; limit: number },
): Promise<SystemRequest[]> {
  return reader.all<SystemRequest>(sql`
    select ${request} from access.system_user_request r
     where r.system_id = ${systemId} and r.kind = ${kind} and r.deleted_at is null and (${page.after}::uuid is null or r.id > ${page.after})
     order by r.id limit ${page.limit}`);
}

/** What is asked of an organization and open. index: system_user_request_owner */
export function listOpenRequests(reader: Reader, owner: PartyId): Promise<SystemRequest[]> {
  return reader.all<SystemRequest>(sql`
    select ${request} from access.system_user_request r
     where r.owner_id = ${owner} and r.status = 'New' and r.deleted_at is null
       and r.created_at > clock.now() - make_interval(days => ${timeOutDays})
     order by r.id limit 500`);
}

/** Others who decide on it wait. Read it afterwards. */
export async function lockSystemRequest(tx: Tx, id: string): Promise<SystemRequest | undefined> {
  await tx.run(sql`select from access.system_user_request where id = ${id} for update`);
  return findSystemRequest(tx, id);
}

/** Joined writing. */
export function saveSystemStatus(
  tx: Tx,
  id: string,
  status: SystemRequestState,
  decided: { at: Date; by: PartyId | null; systemUser: PartyId | null },
): void {
  tx.send(sql`
    update access.system_user_request
       set status = ${status}, decided_at = ${decided.at}, decided_by = ${decided.by}, system_user_id = coalesce(${decided.systemUser}, system_user_id)
     where id = ${id} and status = 'New'`);
}

/** Joined writing. */
export function saveEscalation(tx: Tx, id: string): void {
  tx.send(sql`update access.system_user_request set escalated = true where id = ${id}`);
}

/** Joined writing. */
export function saveSystemRequestEnd(tx: Tx, id: string, at: Date): void {
  tx.send(sql`update access.system_user_request set deleted_at = ${at} where id = ${id} and deleted_at is null`);
}

/** Ends what nobody has answered in time, at most `limit`, and says how many. index: system_user_request_open */
export function endUnanswered(tx: Tx, limit: number): Promise<number> {
  return tx.run(sql`
    update access.system_user_request r set status = 'Timedout', decided_at = clock.now()
     where r.id in (select o.id from access.system_user_request o
                     where o.status = 'New' and o.deleted_at is null and o.created_at <= clock.now() - make_interval(days => ${timeOutDays})
                     order by o.created_at limit ${limit} for update skip locked)`);
}

/** A system that may act for an organization by itself, with the clients that its vendor has registered for it. */
export interface SystemOf {
  readonly id: PartyId;
  readonly title: string;
  readonly systemId: string;
  readonly kind: 'standard' | 'agent';
  /** Null where the system is not in the register of systems. */
  readonly vendorName: string | null;
  readonly clientIds: readonly string[];
  readonly createdAt: Date;
}

/** Systems that may act for an organization, oldest first. -- index: system_user_owner, system_pkey */
export function listSystemsThatActFor(
  reader: Reader,
  owner: PartyId,
  { after = null, limit }: { readonly after?: string | null; readonly limit: number },
): Promise<SystemOf[]> {
  return reader.all<SystemOf>(sql`
    select u.id, u.integration_title as title, u.system_id as "systemId", u.kind, v.name as "vendorName",
           coalesce(s.client_ids, '{}') as "clientIds", u.created_at as "createdAt"
      from access.system_user u
      left join access.system s on s.id = u.system_id and s.deleted_at is null
      left join register.party_face v on v.id = s.vendor_id
     where u.owner_id = ${owner} and u.deleted_at is null and (${after}::uuid is null or u.id > ${after}::uuid)
     order by u.id
     limit ${limit}`);
}
