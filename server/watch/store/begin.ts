import { sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { type StoredOpenability, toStored } from '../openability.ts';
import type { StepSpec, WatchBegin, WatchKey, WatchPublication } from '../types.ts';

/** An unknown ladder leaves `ladder_version` empty, which the table refuses. */
export function saveItems(tx: Tx, rows: readonly WatchBegin[]): void {
  const items = rows.map(({ needs: _, openability, ...row }) => ({ ...row, ...toStored(openability) }));
  tx.send(sql`
    insert into watch.item (about, party_id, sender_id, resource_id, confidential, confirm_needed, begun_at, due_at, ladder, ladder_version,
           sender_steps, published_at, class, openers, grantors, attachment_locked, access_version, computed_at, next_action, next_action_at)
    select r.about, r.party, r.sender, r.resource, r.confidential, r."confirmNeeded", r.at, r."dueAt", r.ladder, l.version,
           r."senderSteps", r."publishedAt", r.class, r.openers, r.grantors, r."attachmentLocked", r."accessVersion", r.at,
           case when r."publishedAt" is null then 'publish' else f.name end,
           case when r."publishedAt" is null then r."expectedPublishAt" else r."publishedAt" + f.after end
      from json_to_recordset(${JSON.stringify(items)}) as r(about uuid, party uuid, sender uuid, resource text, confidential boolean,
           "confirmNeeded" boolean, at timestamptz, "dueAt" timestamptz, ladder text, "senderSteps" jsonb, "publishedAt" timestamptz,
           "expectedPublishAt" timestamptz, class text, openers integer, grantors integer, "attachmentLocked" boolean, "accessVersion" bigint)
      left join lateral (select version, steps from watch.ladder where id = r.ladder order by version desc limit 1) l on true
      left join lateral (select s.step ->> 'name' as name, (s.step ->> 'after')::interval as after
                           from jsonb_array_elements(l.steps) with ordinality as s(step, n) order by after, n limit 1) f on true`);
}

export function saveNeeds(tx: Tx, rows: readonly WatchBegin[]): void {
  const needs = rows.flatMap(({ about, party, needs }) => needs.map((need) => ({ ...need, about, party })));
  tx.send(sql`
    insert into watch.need (about, party_id, resource_id, action, instance, policy_version)
    select * from unnest(${needs.map((n) => n.about)}::uuid[], ${needs.map((n) => n.party)}::uuid[], ${needs.map((n) => n.resource)}::text[],
                         ${needs.map((n) => n.action)}::text[], ${needs.map((n) => n.instance)}::uuid[],
                         ${needs.map((n) => n.policyVersion)}::integer[])`);
}

export interface NewStep {
  readonly id: string;
  readonly about: string;
  readonly party: PartyId;
  readonly spec: StepSpec;
  readonly source: 'policy' | 'sender';
  readonly orderId: string | null;
  readonly dueAt: Date;
  readonly at: Date;
}

export function saveNewSteps(tx: Tx, rows: readonly NewStep[]): void {
  if (rows.length === 0) return;
  tx.send(sql`
    insert into watch.step (id, about, party_id, name, spec, source, order_id, due_at, changed_at)
    select r.id, r.about, r.party, r.spec ->> 'name', r.spec, r.source, r."orderId", r."dueAt", r.at
      from json_to_recordset(${JSON.stringify(rows)}) as r(id uuid, about uuid, party uuid, spec jsonb, source text, "orderId" uuid,
           "dueAt" timestamptz, at timestamptz)`);
}

/** Open watches that are not published yet become published; the first step of their ladder is their next action. */
export function savePublications(tx: Tx, rows: readonly WatchPublication[]): void {
  const items = rows.map(({ about, party, at, openability }) => ({ about, party, at, ...toStored(openability) }));
  tx.send(sql`
    update watch.item i
       set published_at = r.at, class = r.class, openers = r.openers, grantors = r.grantors, attachment_locked = r."attachmentLocked",
           access_version = r."accessVersion", computed_at = r.at,
           (next_action, next_action_at) = (select s.step ->> 'name', r.at + (s.step ->> 'after')::interval
             from watch.ladder l, jsonb_array_elements(l.steps) with ordinality as s(step, n)
            where l.id = i.ladder and l.version = i.ladder_version order by (s.step ->> 'after')::interval, n limit 1)
      from json_to_recordset(${JSON.stringify(items)}) as r(about uuid, party uuid, at timestamptz, class text, openers integer,
           grantors integer, "attachmentLocked" boolean, "accessVersion" bigint)
     where i.about = r.about and i.party_id = r.party and i.settled_at is null and i.published_at is null`);
}

/**
 * The steps of each watch's ladder, counted from publication. Where the sender ordered a step of the same name it takes
 * the policy's place, and what the sender ordered and the ladder lacks is a step of its own. Planning twice plans once.
 */
export function saveLadderSteps(tx: Tx, rows: readonly { readonly about: string; readonly party: string }[]): void {
  tx.send(sql`
    with published as (
      select i.about, i.party_id, i.published_at, i.sender_steps, l.steps
        from unnest(${rows.map((r) => r.about)}::uuid[], ${rows.map((r) => r.party)}::uuid[]) as r(about, party_id)
        join watch.item i on i.about = r.about and i.party_id = r.party_id and i.settled_at is null and i.published_at is not null
        join watch.ladder l on l.id = i.ladder and l.version = i.ladder_version),
    ordered as (
      select p.about, p.party_id, o.name, o."orderId" as order_id, o.channel
        from published p, jsonb_to_recordset(p.sender_steps) as o(name text, "orderId" uuid, channel text)),
    planned as (
      select p.about, p.party_id, p.published_at, 'ladder ' || s.n as key, s.step as spec, o.order_id, o.channel
        from published p
       cross join jsonb_array_elements(p.steps) with ordinality as s(step, n)
        left join ordered o on o.about = p.about and o.party_id = p.party_id and o.name = s.step ->> 'name'
       union all
      select p.about, p.party_id, p.published_at, 'sender ' || o.name,
             jsonb_build_object('name', o.name, 'after', case o.name when 'remind' then 'P7D' else 'PT0S' end, 'when', '[]'::jsonb,
                                'who', 'openers', 'text', case o.name when 'remind' then 'reminder' else 'new-mail' end), o.order_id, o.channel
        from ordered o
        join published p on p.about = o.about and p.party_id = o.party_id
       where not jsonb_path_exists(p.steps, '$[*] ? (@.name == $name)', jsonb_build_object('name', o.name)))
    insert into watch.step (id, about, party_id, name, spec, source, order_id, due_at, changed_at)
    select watch.step_id(about, party_id, key), about, party_id, spec ->> 'name',
           case when order_id is null then spec else spec || jsonb_build_object('channel', channel) end,
           case when order_id is null then 'policy' else 'sender' end, order_id, published_at + (spec ->> 'after')::interval, published_at
      from planned
    on conflict (id) do nothing`);
}

/** What watched over publication has nothing to do any more. */
export function endPublicationChecks(tx: Tx, rows: readonly WatchPublication[]): void {
  tx.send(sql`
    update watch.step s set state = 'cancelled', reason = 'published', changed_at = r.at
      from unnest(${rows.map((r) => r.about)}::uuid[], ${rows.map((r) => r.party)}::uuid[], ${rows.map((r) => r.at)}::timestamptz[]) as r(about, party_id, at)
     where s.about = r.about and s.party_id = r.party_id and s.name = 'check-publication' and s.state = 'due'`);
}

export interface OpenabilityUpdate extends WatchKey, StoredOpenability {
  readonly at: Date;
}

export function saveOpenability(tx: Tx, rows: readonly OpenabilityUpdate[]): void {
  if (rows.length === 0) return;
  tx.send(sql`
    update watch.item i
       set class = r.class, openers = r.openers, grantors = r.grantors, attachment_locked = r."attachmentLocked",
           access_version = r."accessVersion", computed_at = r.at
      from json_to_recordset(${JSON.stringify(rows)}) as r(about uuid, party uuid, at timestamptz, class text, openers integer,
           grantors integer, "attachmentLocked" boolean, "accessVersion" bigint)
     where i.about = r.about and i.party_id = r.party and i.settled_at is null`);
}

export interface GrantorRow extends WatchKey {
  readonly grantor: string;
}

/** Those who can grant, for watches that nobody can open; `of` loses those it had. */
export function saveGrantors(tx: Tx, rows: readonly GrantorRow[], of: readonly WatchKey[] = []): void {
  if (of.length > 0) {
    tx.send(sql`
      delete from watch.grantor g
       using unnest(${of.map((k) => k.about)}::uuid[], ${of.map((k) => k.party)}::uuid[]) as k(about, party_id)
       where g.about = k.about and g.party_id = k.party_id`);
  }
  if (rows.length === 0) return;
  tx.send(sql`
    insert into watch.grantor (grantor_id, about, party_id)
    select * from unnest(${rows.map((r) => r.grantor)}::uuid[], ${rows.map((r) => r.about)}::uuid[], ${rows.map((r) => r.party)}::uuid[])
    on conflict do nothing`);
}
