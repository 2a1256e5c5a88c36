import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import type { WatchKey } from '../types.ts';
import { type Among, within } from './among.ts';
import { isLetLie } from './open.ts';

export interface NeedRow extends WatchKey {
  readonly party: PartyId;
  readonly resource: ResourceId;
  readonly action: string;
  readonly instance: string;
  readonly policyVersion: number;
  /** The letter was opened while nobody could open this part of it, which nobody was given since. */
  readonly awaited: boolean;
}

/** -- index: the primary key */
export function listNeeds(reader: Reader, keys: readonly WatchKey[]): Promise<NeedRow[]> {
  return reader.all<NeedRow>(sql`
    select n.about, n.party_id as party, n.resource_id as resource, n.action, n.instance, n.policy_version as "policyVersion", n.awaited
      from watch.need n
      join unnest(${keys.map((k) => k.about)}::uuid[], ${keys.map((k) => k.party)}::uuid[]) as k(about, party_id)
        on n.about = k.about and n.party_id = k.party_id
     order by n.about, n.party_id, n.instance <> n.about, n.instance`);
}

export interface PolicyVersion {
  readonly resource: ResourceId;
  readonly policyVersion: number;
}

export function listPolicyVersions(reader: Reader, resources: readonly ResourceId[]): Promise<PolicyVersion[]> {
  return reader.all<PolicyVersion>(sql`
    select resource_id as resource, policy_version as "policyVersion" from access.policy_face where resource_id = any(${resources})`);
}

export function savePolicyVersions(tx: Tx, keys: readonly WatchKey[], versions: readonly PolicyVersion[]): void {
  if (versions.length === 0) return;
  tx.send(sql`
    update watch.need n set policy_version = v.version
      from unnest(${keys.map((k) => k.about)}::uuid[], ${keys.map((k) => k.party)}::uuid[]) as k(about, party_id),
           unnest(${versions.map((v) => v.resource)}::text[], ${versions.map((v) => v.policyVersion)}::integer[]) as v(resource_id, version)
     where n.about = k.about and n.party_id = k.party_id and n.resource_id = v.resource_id and n.policy_version <> v.version`);
}

/** Parts that were locked when their letter was opened; for watches that the transaction has locked. -- index: the primary key */
export function saveAwaited(tx: Tx, parts: readonly (WatchKey & { readonly instance: string })[]): void {
  if (parts.length === 0) return;
  tx.send(sql`
    update watch.need n set awaited = true
      from unnest(${parts.map((p) => p.about)}::uuid[], ${parts.map((p) => p.party)}::uuid[], ${parts.map((p) => p.instance)}::uuid[])
           as p(about, party_id, instance)
     where n.about = p.about and n.party_id = p.party_id and n.instance = p.instance`);
}

/** Parts that somebody was given, and that are awaited no more. -- index: the primary key */
export function saveGiven(tx: Tx, { about, party, parts }: WatchKey & { readonly parts: readonly string[] }): void {
  tx.send(sql`
    update watch.need set awaited = false where about = ${about} and party_id = ${party} and instance = any(${parts}::uuid[]) and awaited`);
}

export interface ClaimedItem extends WatchKey {
  readonly party: PartyId;
  readonly at: Date;
}

/** Open watches at these parties; those that others work on are passed over. -- index: item_open_party */
export function claimOpenAt(tx: Tx, parties: readonly PartyId[], limit: number, among: Among): Promise<ClaimedItem[]> {
  return tx.all<ClaimedItem>(sql`
    select i.about, i.party_id as party, clock.now() as at
      from watch.item i
     where i.party_id = any(${parties}::uuid[]) and i.settled_at is null ${within(among, sql`i`)}
     limit ${limit}
       for update skip locked`);
}

/** Open watches whose openability was computed before the access at their party last changed. -- index: item_open_party */
export function claimOutdatedAccess(tx: Tx, limit: number, among: Among): Promise<ClaimedItem[]> {
  return tx.all<ClaimedItem>(sql`
    select i.about, i.party_id as party, clock.now() as at
      from access.current_version v
      join watch.item i on i.party_id = v.party_id and i.settled_at is null and i.access_version < v.version ${within(among, sql`i`)}
     limit ${limit}
       for update of i skip locked`);
}

/** Open watches that need a right of a resource whose policy has changed since. -- index: need_policy */
export function claimOutdatedPolicy(tx: Tx, limit: number, among: Among): Promise<ClaimedItem[]> {
  return tx.all<ClaimedItem>(sql`
    select i.about, i.party_id as party, clock.now() as at
      from watch.item i
     where i.settled_at is null
       and (i.about, i.party_id) in (select n.about, n.party_id from access.policy_face f
                                       join watch.need n on n.resource_id = f.resource_id and n.policy_version < f.policy_version ${within(among, sql`n`)}
                                       join watch.item o on o.about = n.about and o.party_id = n.party_id and num_nulls(o.settled_at) = 1
                                      limit ${limit})
       for update skip locked`);
}

/**
 * What is let lie at these parties, and was sealed then; at any, where access or a policy has changed since. -- index: item_let_lie, the primary key
 */
export function claimLetLie(
  tx: Tx,
  where: { readonly parties: readonly PartyId[] } | { readonly among: Among },
  limit: number,
): Promise<ClaimedItem[]> {
  const changed = sql`(i.access_version < coalesce((select v.version from access.current_version v where v.party_id = i.party_id), 0)
          or exists (select from watch.need n join access.policy_face f on f.resource_id = n.resource_id
                      where n.about = i.about and n.party_id = i.party_id and n.policy_version < f.policy_version))`;
  return tx.all<ClaimedItem>(sql`
    select i.about, i.party_id as party, clock.now() as at
      from watch.item i
     where ${isLetLie} and ${'parties' in where ? sql`i.party_id = any(${where.parties}::uuid[])` : sql`${changed} ${within(where.among, sql`i`)}`}
     limit ${limit}
       for update of i skip locked`);
}
