import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';

/** That somebody with a right of its own opened post on a resource for a party. */
export interface Opening {
  readonly party: PartyId;
  readonly resource: ResourceId;
  readonly at: Date;
}

/** Notes that post was opened; the latest time stays. Joined writing, sorted so that two writers never wait crosswise. */
export function recordOpening(tx: Tx, rows: readonly Opening[]): void {
  if (rows.length === 0) return;
  tx.send(sql`
    insert into access.opening as o (party_id, resource_id, opened_at)
    select party, resource, max(at)
      from unnest(${rows.map((r) => r.party)}::uuid[], ${rows.map((r) => r.resource)}::text[], ${rows.map((r) => r.at)}::timestamptz[]) as g (party, resource, at)
     group by party, resource order by party, resource
        on conflict (party_id, resource_id) do update set opened_at = excluded.opened_at
     where o.opened_at < excluded.opened_at`);
}

/** Which of these parties had post on which of these resources opened in the last 90 days, by `openedKey`. index: opening_pkey */
export async function findOpened(reader: Reader, parties: readonly PartyId[], resources: readonly ResourceId[]): Promise<Set<string>> {
  const rows = await reader.all<{ party: PartyId; resource: ResourceId }>(sql`
    select party_id as party, resource_id as resource from access.opening
     where party_id = any(${parties}::uuid[]) and resource_id = any(${resources}::text[]) and opened_at > clock.now() - interval '90 days'`);
  return new Set(rows.map(({ party, resource }) => openedKey(party, resource)));
}

export function openedKey(party: PartyId, resource: ResourceId): string {
  return `${party} ${resource}`;
}

/** How alive somebody is who can open. */
export interface Vitality {
  readonly id: PartyId;
  readonly hasContact: boolean;
  /** Whether it is known when it was last here. */
  readonly isKnown: boolean;
  /** Seen in the last 180 days. */
  readonly isRecent: boolean;
  /** A machine with a scope to read was seen in the last 30 days. */
  readonly fetches: boolean;
  /** The highest level of login ever seen, or null. */
  readonly level: number | null;
}

/** index: party_pkey, activity_pkey */
export async function findVitality(reader: Reader, subjects: readonly PartyId[]): Promise<Map<PartyId, Vitality>> {
  const rows = await reader.all<Vitality>(sql`
    select s.id, s.has_contact as "hasContact", s.last_login_on is not null or a.seen_at is not null as "isKnown",
           coalesce(greatest(s.last_login_on::timestamptz, a.seen_at) > clock.now() - interval '180 days', false) as "isRecent",
           coalesce(a.read_at > clock.now() - interval '30 days', false) as fetches, a.level
      from register.party_face s
      left join lateral (select max(last_seen_at) as seen_at, max(last_seen_at) filter (where read_scope) as read_at, max(auth_level)::integer as level
                           from identity.activity_face where party_id = s.id) a on true
     where s.id = any(${subjects}::uuid[])`);
  return new Map(rows.map((row) => [row.id, row]));
}
