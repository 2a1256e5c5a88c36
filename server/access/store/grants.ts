import { type Reader, type Sql, sql, type Tx } from '#kernel/database.ts';
import { newId, type PartyId, type ResourceId } from '#kernel/ids.ts';
import { codeOf } from '../codes.ts';
import type { Texts } from '../resource.ts';

/** What is given: an access package, or a resource, or one message or attachment on it. */
export interface GrantTarget {
  readonly package: string | null;
  readonly resource: ResourceId | null;
  readonly instance: string | null;
}

/** A right that one party has given another. */
export interface Grant extends GrantTarget {
  readonly id: string;
  readonly at: PartyId;
  readonly to: PartyId;
  readonly actions: readonly string[];
  readonly grantedBy: PartyId | null;
  readonly reason: string | null;
  readonly until: Date | null;
  readonly createdAt: Date;
  readonly revokedAt: Date | null;
}

/** A grant to be stored without asking who gives it. The key is party, receiver and what is given. */
export interface SaveGrant {
  readonly at: PartyId;
  readonly to: PartyId;
  readonly package?: string | null;
  readonly resource?: ResourceId | null;
  readonly instance?: string | null;
  /** `read` when left out. Not for a package. */
  readonly actions?: readonly string[];
  /** An instant, or a date that is the last day it holds (in Norway). */
  readonly until?: string | null;
  readonly reason?: string | null;
}

const face: Sql = sql`
  g.id, g.from_id as at, g.to_id as "to", g.package, g.resource_id as resource, g.instance, g.actions, g.granted_by as "grantedBy", g.reason,
  g.expires_at as until, g.created_at as "createdAt", g.revoked_at as "revokedAt"`;

const live: Sql = sql`g.revoked_at is null and (g.expires_at is null or g.expires_at > clock.now())`;

/** Ends in the database what has ended by its time, for the same key, so that it can be given anew. */
function sendExpiry(tx: Tx, rows: readonly SaveGrant[]): void {
  tx.send(sql`
    update access.access_grant g set revoked_at = g.expires_at
     where g.from_id = any(${rows.map((r) => r.at)}::uuid[]) and g.to_id = any(${rows.map((r) => r.to)}::uuid[])
       and g.revoked_at is null and g.expires_at <= clock.now()`);
}

/** Stores grants; those that stand get the actions and the end that are given now. Saving the same again changes nothing. Joined writing. */
export function saveGrants(tx: Tx, rows: readonly SaveGrant[]): void {
  if (rows.length === 0) return;
  sendExpiry(tx, rows);
  const given = rows.map((row) => ({
    ...row,
    id: newId(),
    package: row.package ? codeOf(row.package) : null,
    actions: row.package ? [] : (row.actions ?? ['read']),
  }));
  tx.send(sql`
    insert into access.access_grant as g (id, from_id, to_id, package, resource_id, instance, actions, reason, expires_at, created_at)
    select distinct on (n.at, n."to", n.package, n.resource, n.instance)
           n.id, n.at, n."to", n.package, n.resource, n.instance, n.actions, n.reason,
           case when n.until ~ '^\\d{4}-\\d{2}-\\d{2}$' then (n.until::date + 1)::timestamp at time zone 'Europe/Oslo' else n.until::timestamptz end,
           clock.now()
      from jsonb_to_recordset(${JSON.stringify(given)}::jsonb) as n (id uuid, at uuid, "to" uuid, package text, resource text, instance uuid,
           actions text[], reason text, until text)
        on conflict (from_id, to_id, package, resource_id, instance) where revoked_at is null do update
       set actions = excluded.actions, expires_at = excluded.expires_at
     where (g.actions, g.expires_at) is distinct from (excluded.actions, excluded.expires_at)`);
}

/** One message or attachment that was given by itself. */
export interface GivenItem {
  readonly party: PartyId;
  readonly resource: ResourceId;
  readonly instance: string;
}

/**
 * What was given to somebody item by item at these parties, to itself or to an organization that it leads; the latest first. Whether
 * it may be read is for `may` to say. index: access_grant_to, role_assignment_holder
 */
export function itemsGivenTo(reader: Reader, subject: PartyId, parties: readonly PartyId[], limit: number): Promise<GivenItem[]> {
  return reader.all<GivenItem>(sql`
    with mine as (
      select ${subject}::uuid as id
      union select k.at_id from access.role_assignment k join access.role r on r.code = k.role and r.is_key_role where k.holder_id = ${subject})
    select g.from_id as party, g.resource_id as resource, g.instance
      from mine join access.access_grant g on g.to_id = mine.id
     where g.instance is not null and g.from_id = any(${parties}::uuid[]) and ${live}
     order by g.created_at desc, g.id desc
     limit ${limit}`);
}

/** index: access_grant_pkey */
export function findGrant(reader: Reader, id: string): Promise<Grant | undefined> {
  return reader.maybe<Grant>(sql`select ${face} from access.access_grant g where g.id = ${id}`);
}

/** The grant that stands for this key. index: access_grant_once */
export function findLiveGrant(reader: Reader, at: PartyId, to: PartyId, what: GrantTarget): Promise<Grant | undefined> {
  return reader.maybe<Grant>(sql`
    select ${face} from access.access_grant g
     where g.from_id = ${at} and g.to_id = ${to} and ${live}
       and g.package is not distinct from ${what.package}::text and g.resource_id is not distinct from ${what.resource}::text
       and g.instance is not distinct from ${what.instance}::uuid`);
}

/**
 * What stands at a party, in the order of the ids; all of it, or what one receiver has, or of one message; of it what has all these words in the name of the
 * receiver, in the reason or, beside a confidential service, which no word finds, in what was given, by its name in any language. index: access_grant_from
 */
export function listGrants(
  reader: Reader,
  at: PartyId,
  page: { to: PartyId | null; after: string | null; instance?: string | null; lookedFor?: string | null; limit: number },
): Promise<Grant[]> {
  const words = (page.lookedFor ?? '').split(/\s+/).filter(Boolean).slice(0, 10);
  return reader.all<Grant>(sql`
    select ${face} from access.access_grant g
     where g.from_id = ${at} and ${live} and (${page.to}::uuid is null or g.to_id = ${page.to}) and (${page.after}::uuid is null or g.id > ${page.after})
       and (${page.instance ?? null}::uuid is null or g.instance = ${page.instance ?? null})
       and (${words.length} = 0 or (
         select bool_and(position(lower(w.word) in lower(f.text)) > 0)
           from (select concat_ws(' ', p.name, g.reason, g.package, (select concat_ws(' ', k.name ->> 'nb', k.name ->> 'nn', k.name ->> 'en') from access.package k where k.code = g.package),
                                  (select concat_ws(' ', r.id, r.title ->> 'nb', r.title ->> 'nn', r.title ->> 'en') from access.resource r where r.id = g.resource_id and not r.confidential)) as text
                   from register.party_face p where p.id = g.to_id) f,
                unnest(${words}::text[]) w (word)))
     order by g.id limit ${page.limit}`);
}

/** Joined writing. The caller holds the party's lock (`lockAccess`) and has seen that no such grant stands. */
export function insertGrant(tx: Tx, grant: Omit<Grant, 'revokedAt'>): void {
  sendExpiry(tx, [{ at: grant.at, to: grant.to }]);
  tx.send(sql`
    insert into access.access_grant (id, from_id, to_id, package, resource_id, instance, actions, granted_by, reason, expires_at, created_at)
    values (${grant.id}, ${grant.at}, ${grant.to}, ${grant.package}, ${grant.resource}, ${grant.instance}, ${grant.actions}, ${grant.grantedBy},
            ${grant.reason}, ${grant.until}, ${grant.createdAt})`);
}

export function saveRevocation(tx: Tx, id: string, by: PartyId, at: Date): void {
  saveRevocations(tx, [id], { by, at });
}

/** Joined writing. index: access_grant_pkey */
export function saveRevocations(tx: Tx, ids: readonly string[], { by, at }: { by: PartyId; at: Date }): void {
  tx.send(
    sql`update access.access_grant set revoked_at = ${at}, revoked_by = ${by} where id = any (${ids}::uuid[]) and revoked_at is null`,
  );
}

/** Ends grants whose time has come, at most `limit`, and tells which they were. index: access_grant_expiry */
export function endExpiredGrants(tx: Tx, limit: number): Promise<Grant[]> {
  return tx.all<Grant>(sql`
    update access.access_grant g set revoked_at = g.expires_at
     where g.id in (select e.id from access.access_grant e
                     where e.revoked_at is null and e.expires_at <= clock.now() order by e.expires_at limit ${limit} for update skip locked)
    returning ${face}`);
}

/** When the next grant ends, whether that lies ahead or has passed; null when none ever does. index: access_grant_expiry */
export async function findNextGrantExpiry(reader: Reader): Promise<Date | null> {
  const { at } = await reader.one<{ at: Date | null }>(sql`
    select min(expires_at) as at from access.access_grant where revoked_at is null and expires_at is not null`);
  return at;
}

/** Ends what an owner has given its system users and does not stand in the lists given now. Joined writing. index: access_grant_to */
export function endOtherGrants(tx: Tx, kept: readonly { owner: PartyId; to: PartyId; resources: readonly string[] }[]): void {
  tx.send(sql`
    update access.access_grant g set revoked_at = clock.now()
      from jsonb_to_recordset(${JSON.stringify(kept)}::jsonb) as k (owner uuid, "to" uuid, resources text[])
     where g.to_id = k."to" and g.from_id = k.owner and g.revoked_at is null and g.instance is null
       and not coalesce(g.resource_id, 'package:' || g.package) = any(k.resources)`);
}

/** index: package_pkey */
export function findPackage(
  reader: Reader,
  code: string,
): Promise<{ code: string; isAssignable: boolean; isDelegable: boolean } | undefined> {
  return reader.maybe(
    sql`select code, is_assignable as "isAssignable", is_delegable as "isDelegable" from access.package where code = ${code}`,
  );
}

/** What access packages are called. index: package_pkey */
export async function findPackageNames(reader: Reader, codes: readonly string[]): Promise<Map<string, Texts>> {
  if (codes.length === 0) return new Map();
  const rows = await reader.all<{ code: string; name: Texts }>(
    sql`select code, name from access.package where code = any (${codes}::text[])`,
  );
  return new Map(rows.map(({ code, name }) => [code, name]));
}
