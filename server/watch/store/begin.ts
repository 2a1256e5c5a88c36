import { prepared, type Sql, sql, type Tx } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { awaitDecision, notifyInTime } from '../climb/decide-step.ts';
import { type StoredOpenability, toStored } from '../openers/openability.ts';
import type { StepSpec, WatchBegin, WatchKey, WatchPublication } from '../types.ts';
import { isLetLie, isOpen, openByKey } from './open.ts';

/** What a ladder without a first step begins with. */
const otherwise = JSON.stringify(awaitDecision);

/**
 * The newest version of these ladders and the first step of each, for sealed post and for other. Materialized: worked out once for a
 * batch and not once for each of its rows, which took three quarters of the time of sending.
 */
function firstStepsOf(ladders: readonly string[]): Sql {
  return sql`
    latest as materialized (
      select distinct on (id) id, version, by_watch from watch.ladder where id = any(${[...new Set(ladders)]}::text[]) order by id, version desc),
    first_step as materialized (
      select distinct on (s.ladder, sealed) s.ladder, sealed, s.spec ->> 'name' as name, s.after
        from latest l
        join watch.ladder_step s on s.ladder = l.id and s.version = l.version
       cross join unnest(array[true, false]) as sealed
       where not l.by_watch and (sealed or not s.only_sealed)
       order by s.ladder, sealed, s.rank)`;
}

/** An unknown ladder leaves `ladder_version` empty, which the table refuses. */
export function saveItems(tx: Tx, rows: readonly WatchBegin[]): void {
  const items = rows.map(({ needs: _, openability, ...row }) => ({ ...row, ...toStored(openability) }));
  tx.send(
    prepared(sql`
    with ${firstStepsOf(rows.map((row) => row.ladder))}
    insert into watch.item (about, party_id, sender_id, sent_by, resource_id, confidential, confirm_needed, is_file, begun_at, due_at, ladder, ladder_version,
           sender_steps, published_at, class, openers, grantors, attachment_locked, access_version, computed_at, next_action, next_action_at)
    select r.about, r.party, r.sender, r."sentBy", r.resource, r.confidential, r."confirmNeeded", coalesce(r."isFile", false), r.at, r."dueAt", r.ladder, l.version,
           r."senderSteps", r."publishedAt", r.class, r.openers, r.grantors, r."attachmentLocked", r."accessVersion", r.at,
           case when r."publishedAt" is null then 'publish' else coalesce(f.name, w.name) end,
           case when r."publishedAt" is null then r."expectedPublishAt" else coalesce(r."publishedAt" + f.after, w.due_at) end
      from json_to_recordset(${JSON.stringify(items)}) as r(about uuid, party uuid, sender uuid, "sentBy" uuid, resource text, confidential boolean,
           "confirmNeeded" boolean, "isFile" boolean, at timestamptz, "dueAt" timestamptz, ladder text, "senderSteps" jsonb, "publishedAt" timestamptz,
           "expectedPublishAt" timestamptz, class text, openers integer, grantors integer, "attachmentLocked" boolean, "accessVersion" bigint)
      left join latest l on l.id = r.ladder
      left join first_step f on f.ladder = r.ladder and f.sealed = (r.openers = 0 or r."attachmentLocked")
      left join lateral (select s.spec ->> 'name' as name, s.due_at
                           from watch.first_steps(l.id, l.version, r."publishedAt", r.openers = 0 or r."attachmentLocked", ${otherwise}::jsonb) s
                          where l.by_watch and r."publishedAt" is not null limit 1) w on true`),
  );
}

export function saveNeeds(tx: Tx, rows: readonly WatchBegin[]): void {
  const needs = rows.flatMap(({ about, party, needs }) => needs.map((need) => ({ ...need, about, party })));
  tx.send(
    prepared(sql`
    insert into watch.need (about, party_id, resource_id, action, instance, policy_version)
    select * from unnest(${needs.map((n) => n.about)}::uuid[], ${needs.map((n) => n.party)}::uuid[], ${needs.map((n) => n.resource)}::text[],
                         ${needs.map((n) => n.action)}::text[], ${needs.map((n) => n.instance)}::uuid[],
                         ${needs.map((n) => n.policyVersion)}::integer[])`),
  );
}

/** A step to be planned. One of the ladder is known by its rank and the ladder's turn, and planning it again plans nothing. */
export interface NewStep {
  readonly about: string;
  readonly party: PartyId;
  readonly spec: StepSpec;
  readonly source: 'policy' | 'sender';
  readonly orderId: string | null;
  readonly dueAt: Date;
  readonly rank: number | null;
  /** Of the watch's ladders, which one: 0 is the one that it began with. */
  readonly turn?: number;
  /** Of the step that this one comes in the place of: planned again it is the same. */
  readonly inPlaceOf?: string;
}

export function saveNewSteps(tx: Tx, rows: readonly NewStep[], at: Date): void {
  if (rows.length === 0) return;
  const steps = rows.map((row) => ({ ...row, id: newId() }));
  tx.send(
    prepared(sql`
    insert into watch.step (id, about, party_id, name, spec, source, order_id, due_at, rank, changed_at)
    select case when r."inPlaceOf" is not null then watch.step_id(r.about, r.party, 'in place of ' || r."inPlaceOf")
                when r.rank is null then r.id
                else watch.step_id(r.about, r.party, watch.ladder_key(coalesce(r.turn, 0::smallint), r.rank)) end,
           r.about, r.party, r.spec ->> 'name', r.spec, r.source, r."orderId", r."dueAt", r.rank, ${at}
      from json_to_recordset(${JSON.stringify(steps)}) as r(id uuid, about uuid, party uuid, spec jsonb, source text, "orderId" uuid,
           "dueAt" timestamptz, rank smallint, turn smallint, "inPlaceOf" uuid)
    on conflict (id) do nothing`),
  );
}

/** Open watches that are not published yet become published; the first step of their ladder is their next action. */
export function savePublications(tx: Tx, rows: readonly WatchPublication[]): void {
  const items = rows.map(({ about, party, at, openability }) => ({ about, party, at, ...toStored(openability) }));
  tx.send(sql`
    update watch.item i
       set published_at = r.at, class = r.class, openers = r.openers, grantors = r.grantors, attachment_locked = r."attachmentLocked",
           access_version = r."accessVersion", computed_at = r.at,
           (next_action, next_action_at) = (
             select s.spec ->> 'name', s.due_at from watch.first_steps(i.ladder, i.ladder_version, r.at, r.openers = 0 or r."attachmentLocked", ${otherwise}::jsonb) s limit 1)
      from json_to_recordset(${JSON.stringify(items)}) as r(about uuid, party uuid, at timestamptz, class text, openers integer,
           grantors integer, "attachmentLocked" boolean, "accessVersion" bigint)
     where i.about = r.about and i.party_id = r.party and ${isOpen} and i.published_at is null and i.failed_at is null
       and i.about = any(${rows.map(({ about }) => about)}::uuid[])`); // of JSON a hundred rows are expected, and the table walked through
}

/**
 * Files of which half the time is over before their ladder tells anybody for sure: people are told then. After `saveFirstSteps` of the same.
 * -- index: the primary keys
 */
export function saveStepsInTime(tx: Tx, rows: readonly (WatchKey & { readonly at: Date; readonly half: Date })[]): void {
  if (rows.length === 0) return;
  tx.send(sql`
    with planned as (
      insert into watch.step (id, about, party_id, name, spec, source, due_at, changed_at)
      select watch.step_id(k.about, k.party_id, ${notifyInTime.name}), k.about, k.party_id, ${notifyInTime.name}, ${JSON.stringify(notifyInTime)}::jsonb,
             'policy', k.half, k.at
        from unnest(${rows.map((r) => r.about)}::uuid[], ${rows.map((r) => r.party)}::uuid[], ${rows.map((r) => r.at)}::timestamptz[],
                    ${rows.map((r) => r.half)}::timestamptz[]) as k(about, party_id, at, half) ${openByKey}
       where i.published_at = k.at
         and not exists (select from watch.ladder_step s
                          where s.ladder = i.ladder and s.version = i.ladder_version and s.spec ->> 'who' = 'openers' and s.spec -> 'when' = '[]'
                            and s.spec ->> 'channel' <> 'inbox'
                            and watch.step_due_at(k.at, s.after, s.working_days) <= k.half)
      on conflict (id) do nothing
      returning about, party_id, name, due_at)
    update watch.item i set next_action = p.name, next_action_at = p.due_at
      from planned p
     where i.about = p.about and i.party_id = p.party_id and i.next_action_at > p.due_at`);
}

/** What was published, and by which ladders. */
interface Published {
  readonly published: Sql;
  readonly ladders: Sql;
  /** Keeps a plan that stays to the primary keys; one that is made for its values takes twice as long to make with it. */
  readonly fence: Sql;
}

/**
 * The first steps of each watch's ladder, counted from publication: those of its first day, of which the ones that only
 * sealed post knows are left out where it is not. The later ones follow as the former are taken. Where the sender ordered a
 * step of the same name it takes the policy's place; what it ordered and the ladder lacks is planned too, at its own time.
 * Planning twice plans once.
 */
function insertFirstSteps({ published, ladders, fence }: Published): Sql {
  return sql`
    with published as (${published}),
    ordered as (
      select p.about, p.party_id, p.published_at, p.ladder, p.ladder_version, o.name, o."orderId" as order_id, o.channel
        from published p, jsonb_to_recordset(p.sender_steps) as o(name text, "orderId" uuid, channel text)
       where p.sender_steps <> '[]'),
    first_of as (
      select s.ladder, s.version, s.rank, s.spec, s.after, s.only_sealed, sealed,
             s.after = min(s.after) filter (where sealed or not s.only_sealed) over (partition by s.ladder, s.version, sealed) as is_first
        from watch.ladder_step s, unnest(array[true, false]) as sealed
       where not s.by_watch and s.ladder = any(${ladders})),
    first_steps as (
      select p.about, p.party_id, p.published_at, f.rank, f.spec, p.published_at + f.after as due_at
        from published p
        join first_of f on f.ladder = p.ladder and f.version = p.ladder_version and f.sealed = p.sealed and f.is_first
                       and (p.sealed or not f.only_sealed)
       union all
      select p.about, p.party_id, p.published_at, f.rank, f.spec, f.due_at
        from published p
       cross join lateral (select from watch.ladder l where l.id = p.ladder and l.version = p.ladder_version and l.by_watch ${fence}) l
       cross join lateral watch.first_steps(p.ladder, p.ladder_version, p.published_at, p.sealed, ${otherwise}::jsonb) f),
    planned as (
      select f.about, f.party_id, f.published_at, coalesce('ladder ' || f.rank, f.spec ->> 'name') as key, f.rank, f.spec, f.due_at, o.order_id, o.channel
        from first_steps f
        left join ordered o on o.about = f.about and o.party_id = f.party_id and o.name = f.spec ->> 'name'
       union all
      select o.about, o.party_id, o.published_at, 'sender ' || o.name, null,
             jsonb_build_object('name', o.name, 'after', case o.name when 'remind' then 'P7D' else 'PT0S' end, 'when', '[]'::jsonb, 'who', 'openers',
                                'text', case o.name when 'remind' then 'reminder' else 'new-mail' end),
             o.published_at + case o.name when 'remind' then interval '7 days' else interval '0' end, o.order_id, o.channel
        from ordered o
       where not exists (select from watch.ladder_step s
                          where s.ladder = o.ladder and s.version = o.ladder_version and s.spec ->> 'name' = o.name ${fence}))
    insert into watch.step (id, about, party_id, name, spec, source, order_id, due_at, rank, changed_at)
    select watch.step_id(about, party_id, key), about, party_id, spec ->> 'name',
           case when order_id is null then spec else spec || jsonb_build_object('channel', channel) end,
           case when order_id is null then coalesce(spec ->> 'source', 'policy') else 'sender' end, order_id, due_at, rank, published_at
      from planned
    on conflict (id) do nothing`;
}

/** See `insertFirstSteps`. -- index: the primary key */
export function saveFirstSteps(tx: Tx, rows: readonly WatchKey[]): void {
  tx.send(
    insertFirstSteps({
      published: sql`
      select i.about, i.party_id, i.published_at, i.sender_steps, i.ladder, i.ladder_version, i.openers = 0 or i.attachment_locked as sealed
        from unnest(${rows.map((r) => r.about)}::uuid[], ${rows.map((r) => r.party)}::uuid[]) as k(about, party_id) ${openByKey}
       where i.published_at is not null`,
      ladders: sql`array(select p.ladder from published p)`,
      fence: sql`offset 0`,
    }),
  );
}

/** The same for watches that begin published in this statement's transaction: nothing is looked up but ladders, so that it is planned once. */
export function saveNewFirstSteps(tx: Tx, rows: readonly WatchBegin[]): void {
  const items = rows.map(({ about, party, publishedAt, senderSteps, ladder, openability }) => {
    const { openers, attachmentLocked } = toStored(openability);
    return { about, party, publishedAt, senderSteps, ladder, sealed: openers === 0 || attachmentLocked };
  });
  const ladders = [...new Set(rows.map((row) => row.ladder))];
  tx.send(
    prepared(
      insertFirstSteps({
        published: sql`
      select r.about, r.party as party_id, r."publishedAt" as published_at, r."senderSteps" as sender_steps, r.ladder, l.version as ladder_version,
             r.sealed
        from json_to_recordset(${JSON.stringify(items)}) as r(about uuid, party uuid, "publishedAt" timestamptz, "senderSteps" jsonb, ladder text,
             sealed boolean)
        join (select id, max(version) as version from watch.ladder where id = any(${ladders}::text[]) group by id) l on l.id = r.ladder`,
        ladders: sql`array(select unnest(${ladders}::text[]))`,
        fence: sql``,
      }),
    ),
  );
}

/** What watched over publication has nothing to do any more. */
export function endPublicationChecks(tx: Tx, rows: readonly WatchPublication[]): void {
  tx.send(sql`
    update watch.step s set state = 'cancelled', reason = 'published', changed_at = r.at
      from unnest(${rows.map((r) => r.about)}::uuid[], ${rows.map((r) => r.party)}::uuid[], ${rows.map((r) => r.at)}::timestamptz[]) as r(about, party_id, at)
     where s.about = r.about and s.party_id = r.party_id and s.name = 'check-publication' and num_nulls(nullif(s.state, 'due')) = 1
       and s.about = any(${rows.map((r) => r.about)}::uuid[])`); // said so that no index of all that is due fits it
}

export interface OpenabilityUpdate extends WatchKey, StoredOpenability {
  readonly at: Date;
  /** Whether the sender is told that nobody can open. */
  readonly tellsNoOpener: boolean;
}

export function saveOpenability(tx: Tx, rows: readonly OpenabilityUpdate[]): void {
  if (rows.length === 0) return;
  tx.send(sql`
    update watch.item i
       set class = r.class, openers = r.openers, grantors = r.grantors, attachment_locked = r."attachmentLocked",
           access_version = r."accessVersion", computed_at = r.at,
           no_opener_told_at = case when r."tellsNoOpener" then r.at else i.no_opener_told_at end
      from unnest(${rows.map((r) => r.about)}::uuid[], ${rows.map((r) => r.party)}::uuid[], ${rows.map((r) => r.at)}::timestamptz[],
                  ${rows.map((r) => r.class)}::text[], ${rows.map((r) => r.openers)}::integer[], ${rows.map((r) => r.grantors)}::integer[],
                  ${rows.map((r) => r.attachmentLocked)}::boolean[], ${rows.map((r) => r.accessVersion)}::bigint[],
                  ${rows.map((r) => r.tellsNoOpener)}::boolean[])
           as r(about, party, at, class, openers, grantors, "attachmentLocked", "accessVersion", "tellsNoOpener")
     where i.about = r.about and i.party_id = r.party and (${isOpen} or ${isLetLie})`);
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
       where g.about = k.about and g.party_id = k.party_id and g.about = any(${of.map((k) => k.about)}::uuid[])`);
  }
  if (rows.length === 0) return;
  tx.send(sql`
    insert into watch.grantor (grantor_id, about, party_id)
    select * from unnest(${rows.map((r) => r.grantor)}::uuid[], ${rows.map((r) => r.about)}::uuid[], ${rows.map((r) => r.party)}::uuid[])
    on conflict do nothing`);
}
