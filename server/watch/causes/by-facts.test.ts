import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '#kernel/database.ts';
import { Town } from '../testing/town.ts';
import { type Cause, causes } from './cause.ts';

const town = await Town.open();
const alive = await town.organization('Etat som er der');
const gone = await town.organization('Etat som var der');

/**
 * What the steps toward those who can open have come to, first to last, each with what became of its notices; and what is known by it.
 */
const histories: Readonly<
  Record<string, readonly [steps: readonly string[], known: 'told' | 'failed' | 'no-address' | 'due' | 'systems' | 'nothing']>
> = {
  none: [[], 'nothing'],
  'no address': [['no-contact-point'], 'no-address'],
  'no address, then another cause': [['no-contact-point', 'not-this-cause'], 'no-address'],
  'no address, then nobody': [['no-contact-point', 'no-opener'], 'no-address'],
  'no address, then inbox': [['no-contact-point', 'inbox'], 'no-address'],
  'no address, then systems': [['no-contact-point', 'systems-only'], 'systems'],
  'no address, then to come': [['no-contact-point', 'done due'], 'due'],
  'no address, then called off': [['no-contact-point', 'done cancelled'], 'no-address'],
  'no address, then told': [['no-contact-point', 'done handed-over'], 'told'],
  told: [['done handed-over'], 'told'],
  delivered: [['done delivered'], 'told'],
  'one told, one not': [['done failed handed-over due'], 'told'],
  'told, then no address': [['done handed-over', 'no-contact-point'], 'no-address'],
  'told, then no address, then to come': [['done handed-over', 'no-contact-point', 'done handing-over'], 'due'],
  'told, then no address, then told the same': [['done handed-over', 'no-contact-point', 'done told-already'], 'told'],
  'told, then bounced': [['done delivered', 'done failed'], 'failed'],
  'told, then bounced, then no other channel': [['done delivered', 'done failed', 'no-other-channel'], 'failed'],
  'told, then bounced and to come': [['done handed-over', 'done failed due'], 'told'],
  'told, then to come': [['done handed-over', 'done due'], 'told'],
  'told, then systems': [['done handed-over', 'systems-only'], 'systems'],
  'systems, then to come': [['systems-only', 'done due'], 'due'],
  bounced: [['done failed failed'], 'failed'],
  'bounced, then to come': [['done failed', 'done due'], 'failed'],
  'bounced, then told': [['done failed', 'done handed-over'], 'told'],
  'bounced, then no address': [['done failed', 'no-contact-point'], 'no-address'],
  'to come': [['done due'], 'due'],
  'whom the sender named told, of what nobody could open': [['no-opener handed-over'], 'told'],
};

interface Facts {
  readonly published: boolean;
  /** A letter on paper that came back. */
  readonly returned: boolean;
  readonly receiverAlive: boolean;
  readonly class: 'UNREACHABLE' | 'GRANTABLE' | 'COLD' | 'REACHABLE' | 'PROVEN' | 'UNKNOWN';
  readonly locked: boolean;
  readonly opened: boolean;
  readonly confirmNeeded: boolean;
  readonly confirmed: boolean;
  readonly isFile: boolean;
  readonly history: string;
  readonly isStepDue: boolean;
}

/** The list of causes, each with what must not hold before it. */
function expected(f: Facts): Cause {
  if (!f.published) return 'not-published';
  if (f.returned && !f.opened) return 'returned';
  if (!f.receiverAlive) return 'receiver-gone';
  if (f.class === 'UNREACHABLE') return 'no-opener';
  if (f.class === 'GRANTABLE') return 'grant-needed';
  if (f.locked) return 'attachment-locked';
  if (f.opened && f.confirmNeeded && !f.confirmed) return 'opened-not-confirmed';
  if (f.isFile || f.opened) return 'file-not-fetched';
  const [, known] = histories[f.history]!;
  if (known === 'told') return f.class === 'UNKNOWN' ? 'unknown' : 'notified-not-opened';
  if (known === 'failed') return 'notification-failed';
  if (known === 'no-address') return 'no-contact-point';
  if (known === 'systems') return 'not-notified';
  return known === 'due' || f.isStepDue ? 'waiting' : 'not-notified';
}

test('given every combination of facts, when asked why it is unread, then there is exactly one cause, the first that holds', async () => {
  await town.db.transaction(async (tx) => {
    await tx.run(sql`update register.party set deleted_at = clock.now() where id = ${gone}`);
    await tx.run(sql`create table public.fact as
      select gen_random_uuid() as about, case when alive then ${alive}::uuid else ${gone}::uuid end as party_id, f.*
        from (select * from unnest(array[true, false]) published, unnest(array[true, false]) alive,
                     unnest(array['UNREACHABLE', 'GRANTABLE', 'COLD', 'REACHABLE', 'PROVEN', 'UNKNOWN']) class, unnest(array[true, false]) locked,
                     unnest(array[true, false]) opened, unnest(array[true, false]) confirm_needed, unnest(array[true, false]) is_file,
                     unnest(${Object.keys(histories)}::text[]) history, unnest(array[true, false]) is_step_due, unnest(array[true, false]) returned,
                     unnest(array[true, false]) confirmed) f
               where (not returned and not confirmed) or (history = 'none' and not is_step_due)`);
    await tx.run(sql`
      insert into watch.item (about, party_id, sender_id, resource_id, confidential, confirm_needed, is_file, begun_at, ladder, ladder_version,
                              published_at, opened_at, confirmed_at, class, openers, grantors, attachment_locked, access_version, computed_at, next_action, next_action_at,
                              relayed_at, returned_at)
      select about, party_id, ${town.police}, 'ressurs', false, confirm_needed, is_file, clock.now(), 'ordinary', 1,
             case when published then clock.now() end, case when opened then clock.now() end, case when confirmed then clock.now() end, class,
             case when class in ('UNREACHABLE', 'GRANTABLE') then 0 else 1 end, case class when 'GRANTABLE' then 1 else 0 end, locked, 0, clock.now(),
             'remind', clock.now(), case when returned then clock.now() end, case when returned then clock.now() end
        from public.fact`);
    await tx.run(sql`create table public.step as
      select gen_random_uuid() as id, f.about, f.party_id, h.n, split_part(h.step, ' ', 1) as came_to, (string_to_array(h.step, ' '))[2:] as notices
        from public.fact f
       cross join lateral (select x.step, x.n from jsonb_array_elements_text(${JSON.stringify(histories)}::jsonb -> f.history -> 0) with ordinality x(step, n)
                            union all select 'due', 9 where f.is_step_due) h`);
    await tx.run(sql`
      insert into watch.step (id, about, party_id, name, spec, source, due_at, state, reason, changed_at)
      select id, about, party_id, 'step-' || n, jsonb_build_object('who', 'openers', 'channel', case came_to when 'inbox' then 'inbox' else 'preferred' end),
             'policy', clock.now(), case when came_to = 'due' then 'due' when came_to in ('done', 'inbox') then 'done' else 'skipped' end,
             case when came_to not in ('due', 'done', 'inbox') then came_to end, clock.now() + make_interval(days => n::integer)
        from public.step`);
    await tx.run(sql`
      insert into notifications.notice (id, about, party_id, to_id, step_id, purpose, channel, address, body, message_id, state, due_at, changed_at,
                                        leased_until, cancelled_at)
      select md5(s.id::text || nth)::uuid, s.about, s.party_id, s.party_id, s.id, 'new-mail', 'email', 'leser-' || nth || '@example.no', '',
             gen_random_uuid()::text, r.state, clock.now(), clock.now(),
             case r.state when 'handing-over' then clock.now() end, case r.state when 'cancelled' then clock.now() end
        from public.step s
       cross join unnest(s.notices) with ordinality as x(became, nth)
       cross join lateral (select case x.became when 'told-already' then 'cancelled' else x.became end as state) r`);
    await tx.run(sql`
      insert into notifications.suppressed (id, about, party_id, step_id, notice_id, purpose, channel, address, at)
      select gen_random_uuid(), s.about, s.party_id, s.id, md5(s.id::text || nth)::uuid, 'new-mail', 'email', 'leser-' || nth || '@example.no', clock.now()
        from public.step s cross join unnest(s.notices) with ordinality as x(became, nth) where x.became = 'told-already'`);
  });

  const rows = await town.db.all<Facts & { cause: Cause }>(sql`
    select f.published, f.returned, f.alive as "receiverAlive", f.class, f.locked, f.opened, f.confirm_needed as "confirmNeeded", f.is_file as "isFile",
           f.confirmed, f.history, f.is_step_due as "isStepDue", c.cause
      from public.fact f join watch.cause_by_facts c on c.about = f.about and c.party_id = f.party_id`);

  assert.equal(rows.length, 6 * 2 ** 7 * Object.keys(histories).length + 3 * 6 * 2 ** 6);
  for (const row of rows) assert.equal(row.cause, expected(row), JSON.stringify(row));
  assert.deepEqual(new Set(rows.map(({ cause }) => cause)), new Set(causes), 'every cause is met');
});
