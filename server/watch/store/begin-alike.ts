import { sql, type Tx } from '#kernel/database.ts';
import { awaitDecision } from '../climb/decide-step.ts';
import type { AlikeWatches, StepSpec } from '../types.ts';

/** What a ladder without a first step begins with. */
const otherwise = JSON.stringify(awaitDecision);

/** Columns as texts of arrays, in the order of the watches. */
export interface AlikeKeys {
  readonly about: string;
  readonly party: string;
}

export interface AlikeItems extends AlikeKeys {
  readonly sealed: string;
  readonly class: string;
  readonly openers: string;
  readonly grantors: string;
  readonly attachmentLocked: string;
  readonly accessVersion: string;
}

/** An unknown ladder leaves `ladder_version` empty, which the table refuses. */
export function saveAlikeItems(tx: Tx, alike: AlikeWatches, rows: AlikeItems): void {
  const { sender, sentBy, resource, confidential, confirmNeeded, at, dueAt, ladder, senderSteps, publishedAt, expectedPublishAt } = alike;
  tx.send(sql`
    with latest as materialized (
      select max(version) as version from watch.ladder where id = ${ladder}),
    first_step as materialized (
      select distinct on (sealed) sealed, s.spec ->> 'name' as name, s.due_at
        from latest l
       cross join unnest(array[true, false]) as sealed
       cross join lateral watch.first_steps(${ladder}, l.version, ${publishedAt ?? null}::timestamptz, sealed, ${otherwise}::jsonb) s
       order by sealed, s.due_at)
    insert into watch.item (about, party_id, sender_id, sent_by, resource_id, confidential, confirm_needed, begun_at, due_at, ladder, ladder_version,
           sender_steps, published_at, class, openers, grantors, attachment_locked, access_version, computed_at, next_action, next_action_at)
    select r.about, r.party, ${sender}::uuid, ${sentBy ?? null}::uuid, ${resource}, ${confidential}::boolean, ${confirmNeeded}::boolean, ${at}::timestamptz,
           ${dueAt}::timestamptz, ${ladder}, l.version, ${JSON.stringify(senderSteps)}::jsonb, ${publishedAt ?? null}::timestamptz,
           r.class, r.openers, r.grantors, r.locked, r.access_version, ${at},
           case when ${publishedAt ?? null}::timestamptz is null then 'publish' else f.name end,
           case when ${publishedAt ?? null}::timestamptz is null then ${expectedPublishAt}::timestamptz else f.due_at end
      from unnest(${rows.about}::uuid[], ${rows.party}::uuid[], ${rows.class}::text[], ${rows.openers}::integer[], ${rows.grantors}::integer[],
                  ${rows.attachmentLocked}::boolean[], ${rows.accessVersion}::bigint[], ${rows.sealed}::boolean[])
           as r (about, party, class, openers, grantors, locked, access_version, sealed)
     cross join latest l
      left join first_step f on f.sealed = r.sealed`);
}

/** Each watch's own need, and those that all of them share. */
export function saveAlikeNeeds(tx: Tx, { need, sharedNeeds }: AlikeWatches, { about, party }: AlikeKeys): void {
  tx.send(sql`
    insert into watch.need (about, party_id, resource_id, action, instance, policy_version)
    select r.about, r.party, ${need.resource}, ${need.action}, r.about, ${need.policyVersion}::integer
      from unnest(${about}::uuid[], ${party}::uuid[]) as r (about, party)`);
  if (sharedNeeds.length === 0) return;
  tx.send(sql`
    insert into watch.need (about, party_id, resource_id, action, instance, policy_version)
    select r.about, r.party, n.resource, n.action, n.instance, n."policyVersion"
      from unnest(${about}::uuid[], ${party}::uuid[]) as r (about, party)
     cross join jsonb_to_recordset(${JSON.stringify(sharedNeeds)}::jsonb) as n (resource text, action text, instance uuid, "policyVersion" integer)`);
}

/** The same step of each watch, which no ladder has. */
export function saveAlikeSteps(
  tx: Tx,
  { spec, dueAt, at }: { readonly spec: StepSpec; readonly dueAt: Date; readonly at: Date },
  { about, party }: AlikeKeys,
): void {
  tx.send(sql`
    insert into watch.step (id, about, party_id, name, spec, source, due_at, changed_at)
    select watch.step_id(r.about, r.party, ${spec.name}), r.about, r.party, ${spec.name}, ${JSON.stringify(spec)}::jsonb, 'policy',
           ${dueAt}::timestamptz, ${at}::timestamptz
      from unnest(${about}::uuid[], ${party}::uuid[]) as r (about, party)`);
}

/** What `saveFirstSteps` plans, worked out once for sealed watches and once for others. */
export function saveAlikeFirstSteps(
  tx: Tx,
  { ladder, senderSteps, publishedAt }: Pick<AlikeWatches, 'ladder' | 'senderSteps'> & { readonly publishedAt: Date },
  { about, party, sealed }: AlikeKeys & { readonly sealed: string },
): void {
  tx.send(sql`
    with step_of as materialized (
      select s.spec
        from watch.ladder_step s
       where s.ladder = ${ladder} and s.version = (select max(version) from watch.ladder where id = ${ladder})),
    ordered as materialized (
      select o.name, o."orderId" as order_id, o.channel
        from jsonb_to_recordset(${JSON.stringify(senderSteps)}::jsonb) as o (name text, "orderId" uuid, channel text)),
    planned as materialized (
      select sealed, coalesce('ladder ' || f.rank, f.spec ->> 'name') as key, f.rank, f.spec, f.due_at, o.order_id, o.channel
        from unnest(array[true, false]) as sealed
       cross join lateral watch.first_steps(${ladder}, (select max(version) from watch.ladder where id = ${ladder}),
                                            ${publishedAt}::timestamptz, sealed, ${otherwise}::jsonb) f
        left join ordered o on o.name = f.spec ->> 'name'
       union all
      select sealed, 'sender ' || o.name, null,
             jsonb_build_object('name', o.name, 'after', case o.name when 'remind' then 'P7D' else 'PT0S' end, 'when', '[]'::jsonb, 'who', 'openers',
                                'text', case o.name when 'remind' then 'reminder' else 'new-mail' end),
             ${publishedAt}::timestamptz + case o.name when 'remind' then interval '7 days' else interval '0' end, o.order_id, o.channel
        from ordered o, unnest(array[true, false]) as sealed
       where not exists (select from step_of s where s.spec ->> 'name' = o.name))
    insert into watch.step (id, about, party_id, name, spec, source, order_id, due_at, rank, changed_at)
    select watch.step_id(r.about, r.party, p.key), r.about, r.party, p.spec ->> 'name',
           case when p.order_id is null then p.spec else p.spec || jsonb_build_object('channel', p.channel) end,
           case when p.order_id is null then coalesce(p.spec ->> 'source', 'policy') else 'sender' end, p.order_id, p.due_at, p.rank,
           ${publishedAt}::timestamptz
      from unnest(${about}::uuid[], ${party}::uuid[], ${sealed}::boolean[]) as r (about, party, sealed)
      join planned p on p.sealed = r.sealed`);
}
