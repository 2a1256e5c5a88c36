import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '#kernel/database.ts';
import { Town } from '../testing/town.ts';
import { type Cause, causes } from './cause.ts';

const town = await Town.open();
const alive = await town.organization('Etat som er der');
const gone = await town.organization('Etat som var der');

/** What the steps toward those who can open have come to, first to last. */
const histories = {
  none: [],
  'no-address': ['no-contact-point'],
  'no-address, then another cause': ['no-contact-point', 'not-this-cause'],
  'no-address, then nobody': ['no-contact-point', 'no-opener'],
  'no-address, then inbox': ['no-contact-point', 'inbox'],
  'no-address, then told': ['no-contact-point', 'done'],
  'told, then no-address': ['done', 'no-contact-point'],
} as const;
type History = keyof typeof histories;
const withoutAddress: readonly History[] = [
  'no-address',
  'no-address, then another cause',
  'no-address, then nobody',
  'no-address, then inbox',
  'told, then no-address',
];

interface Facts {
  readonly published: boolean;
  /** A letter on paper that came back. */
  readonly returned: boolean;
  readonly receiverAlive: boolean;
  readonly class: 'UNREACHABLE' | 'GRANTABLE' | 'COLD' | 'REACHABLE' | 'PROVEN' | 'UNKNOWN';
  readonly locked: boolean;
  readonly opened: boolean;
  readonly confirmNeeded: boolean;
  readonly isFile: boolean;
  readonly history: History;
  readonly sent: boolean;
  readonly failed: boolean;
  readonly due: 'nothing' | 'step' | 'notice';
}

/** The list of causes, each with what must not hold before it. */
function expected(f: Facts): Cause {
  if (!f.published) return 'not-published';
  if (f.returned && !f.opened) return 'returned';
  if (!f.receiverAlive) return 'receiver-gone';
  if (f.class === 'UNREACHABLE') return 'no-opener';
  if (f.class === 'GRANTABLE') return 'grant-needed';
  if (f.locked) return 'attachment-locked';
  if (f.opened && f.confirmNeeded) return 'opened-not-confirmed';
  if (f.isFile) return 'file-not-fetched';
  if (f.sent) return f.class === 'UNKNOWN' ? 'unknown' : 'notified-not-opened';
  if (f.failed) return 'notification-failed';
  if (withoutAddress.includes(f.history)) return 'no-contact-point';
  return f.due === 'nothing' ? 'not-notified' : 'waiting';
}

test('given every combination of facts, when asked why it is unread, then there is exactly one cause, the first that holds', async () => {
  await town.db.transaction(async (tx) => {
    await tx.run(sql`update register.party set deleted_at = clock.now() where id = ${gone}`);
    await tx.run(sql`create table public.fact as
      select gen_random_uuid() as about, case when alive then ${alive}::uuid else ${gone}::uuid end as party_id, f.*
        from (select * from unnest(array[true, false]) published, unnest(array[true, false]) alive,
                     unnest(array['UNREACHABLE', 'GRANTABLE', 'COLD', 'REACHABLE', 'PROVEN', 'UNKNOWN']) class, unnest(array[true, false]) locked,
                     unnest(array[true, false]) opened, unnest(array[true, false]) confirm_needed, unnest(array[true, false]) is_file,
                     unnest(${Object.keys(histories)}::text[]) history, unnest(array[true, false]) sent, unnest(array[true, false]) failed,
                     unnest(array['nothing', 'step', 'notice']) due, unnest(array[true, false]) returned) f
               where not returned or (history = 'none' and not sent and not failed and due = 'nothing')`);
    await tx.run(sql`
      insert into watch.item (about, party_id, sender_id, resource_id, confidential, confirm_needed, is_file, begun_at, ladder, ladder_version,
                              published_at, opened_at, class, openers, grantors, attachment_locked, access_version, computed_at, next_action, next_action_at,
                              relayed_at, returned_at)
      select about, party_id, ${town.police}, 'ressurs', false, confirm_needed, is_file, clock.now(), 'ordinary', 1,
             case when published then clock.now() end, case when opened then clock.now() end, class,
             case when class in ('UNREACHABLE', 'GRANTABLE') then 0 else 1 end, case class when 'GRANTABLE' then 1 else 0 end, locked, 0, clock.now(),
             'remind', clock.now(), case when returned then clock.now() end, case when returned then clock.now() end
        from public.fact`);
    await tx.run(sql`
      insert into watch.step (id, about, party_id, name, spec, source, due_at, state, reason, changed_at)
      select gen_random_uuid(), f.about, f.party_id, 'step-' || h.n,
             jsonb_build_object('who', 'openers', 'channel', case h.what when 'inbox' then 'inbox' else 'preferred' end), 'policy', clock.now(),
             case h.what when 'due' then 'due' when 'done' then 'done' when 'inbox' then 'done' else 'skipped' end,
             case when h.what not in ('due', 'done', 'inbox') then h.what end, clock.now() + make_interval(days => h.n::integer)
        from public.fact f
       cross join lateral (select x.what, x.n from jsonb_array_elements_text(${JSON.stringify(histories)}::jsonb -> f.history) with ordinality x(what, n)
                            union all select 'due', 9 where f.due = 'step') h`);
    await tx.run(sql`
      insert into notifications.notice (id, about, party_id, to_id, step_id, purpose, channel, address, body, message_id, state, due_at, changed_at)
      select gen_random_uuid(), f.about, f.party_id, f.party_id, gen_random_uuid(), 'new-mail', 'email', 'leser@example.no', '',
             gen_random_uuid()::text, s.state, clock.now(), clock.now()
        from public.fact f
       cross join lateral (select 'handed-over' as state where f.sent union all select 'failed' where f.failed union all
                           select 'due' where f.due = 'notice') s`);
  });

  const rows = await town.db.all<Facts & { cause: Cause }>(sql`
    select f.published, f.returned, f.alive as "receiverAlive", f.class, f.locked, f.opened, f.confirm_needed as "confirmNeeded", f.is_file as "isFile",
           f.history, f.sent, f.failed, f.due, c.cause
      from public.fact f join watch.cause_by_facts c on c.about = f.about and c.party_id = f.party_id`);

  assert.equal(rows.length, 6 * 2 ** 8 * 7 * 3 + 6 * 2 ** 6);
  for (const row of rows) assert.equal(row.cause, expected(row), JSON.stringify(row));
  assert.deepEqual(new Set(rows.map(({ cause }) => cause)), new Set(causes), 'every cause is met');
});
