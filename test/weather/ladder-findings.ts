import assert from 'node:assert/strict';
import type { Mail } from '../../demo/sink.ts';
import { untold } from '../untold.ts';
import type { Books } from './books.ts';
import type { SentLetter } from './hard-weather.ts';

/** How long after a mail was taken the program may need to write that down. A death within it is the one window in which a notice goes twice. */
const windowMillis = 5000;

export interface LadderBooks {
  readonly books: Books;
  readonly mails: readonly Mail[];
  /** When a worker or the gateway died. */
  readonly deaths: readonly Date[];
  readonly letters: readonly SentLetter[];
}

export interface Ladders {
  readonly steps: number;
  readonly notices: number;
  /** Handed over again after a death between the mail server's answer and our commit. */
  readonly doubleNotices: number;
}

/** Checks what the ladders have done, by the database and by what the mail server took in. */
export async function checkLadders(of: LadderBooks): Promise<Ladders> {
  const steps = await stepsWereTakenOnce(of.books);
  await nothingWasLeftOut(of);
  await whoeverWasToBeToldWas(of.books);
  return { steps, ...(await noticesWentOnce(of)) };
}

/** What a step leaves behind is there once: its evidence, its event, and one notice to each whom it tells. */
async function stepsWereTakenOnce({ ask }: Books): Promise<number> {
  const twice = await ask<{ what: string; about: string; step: string; done: number; said: number }>(`
    with taken as (select about, party_id, name, count(*)::integer as n from watch.step where state in ('done', 'skipped') group by 1, 2, 3),
    evidence as (select e.about, e.recipient as party_id, e.core::jsonb ->> 'step' as name, count(*)::integer as n
                   from evidence.evidence e join evidence.event k on k.code = e.event where k.name = 'LadderStep' group by 1, 2, 3),
    events as (select o.resource_instance::uuid as about, i.party_id, o.data ->> 'step' as name, count(*)::integer as n
                 from events.outbox o join watch.item i on i.about::text = o.resource_instance
                where o.type in ('no.budstikke.watch.step-taken', 'no.budstikke.watch.unread', 'no.budstikke.watch.decision-needed') group by 1, 2, 3)
    select 'evidence' as what, e.about, e.name as step, coalesce(t.n, 0) as done, e.n as said from evidence e left join taken t using (about, party_id, name)
     where e.n > coalesce(t.n, 0)
     union all
    select 'event', v.about, v.name, coalesce(t.n, 0), v.n from events v left join taken t using (about, party_id, name) where v.n > coalesce(t.n, 0)
     union all
    select 'step', s.about, s.name, 1, count(*)::integer from watch.step s where s.state in ('done', 'skipped') group by s.about, s.party_id, s.name, s.due_at
    having count(*) > 1
     union all
    select 'notice', n.about, n.purpose, 1, count(*)::integer from notifications.notice n group by n.about, n.party_id, n.step_id, n.to_id, n.address, n.purpose
    having count(*) > 1
     limit 20`);
  assert.deepEqual(twice, [], 'a step was taken twice');
  const [counted] = await ask<{ n: number }>(`select count(*)::integer as n from watch.step where state in ('done', 'skipped')`);
  return counted!.n;
}

/** Every letter is watched; each that is open has had every step of its ladder until now; nobody went untold, and no notice was given up. */
async function nothingWasLeftOut({ books: { ask }, letters }: LadderBooks): Promise<void> {
  const items = await ask<{ about: string; outcome: string | null; told: boolean; asked: boolean; next: boolean }>(`
    select about, outcome, told_at is not null as told, asked_at is not null as asked, next_action_at > clock.now() as next from watch.item`);
  const byId = new Map(items.map((item) => [item.about, item]));
  for (const { id, isOpened } of letters) {
    const item = byId.get(id);
    assert.ok(item, `letter ${id} is not watched`);
    if (isOpened) assert.equal(item.outcome, 'opened', `the opening of ${id} is lost`);
    else assert.deepEqual({ ...item, about: id }, { about: id, outcome: null, told: true, asked: true, next: true }, `letter ${id}`);
  }
  const missing = await ask<{ about: string; step: string }>(`
    select i.about, s.spec ->> 'name' as step
      from watch.item i join watch.ladder_step s on s.ladder = i.ladder and s.version = i.ladder_version and not s.only_sealed
     where i.settled_at is null and watch.step_due_at(i.published_at, s.after, s.working_days) <= clock.now()
       and not exists (select from watch.step t where t.about = i.about and t.party_id = i.party_id and t.name = s.spec ->> 'name' and t.state in ('done', 'skipped'))
     limit 20`);
  assert.deepEqual(missing, [], 'a step of a ladder was left out');
  const givenUp = await ask(`select id, purpose, failure, attempts from notifications.notice where state = 'failed' limit 20`);
  assert.deepEqual(givenUp, [], 'a notice was given up');
}

async function whoeverWasToBeToldWas({ ask }: Books): Promise<void> {
  assert.deepEqual(await ask(untold), [], 'a step says that it told somebody, and there is no notice of it');
  const [some] = await ask<{ n: number }>(
    `select count(*)::integer as n from watch.step s join notifications.notice n on n.step_id = s.id where s.name like 'remind%'`,
  );
  assert.ok(some!.n > 0, 'somebody was reminded');
}

/** Each notice that was handed over has come, and nothing has come that is not one; twice only where a death fell in the one window. */
async function noticesWentOnce({ books: { ask }, mails, deaths }: LadderBooks): Promise<Omit<Ladders, 'steps'>> {
  const handed = await ask<{ id: string; address: string }>(
    `select message_id as id, address from notifications.notice where state in ('handed-over', 'delivered')`,
  );
  const known = new Set(
    (await ask<{ id: string }>('select message_id as id from notifications.notice where message_id is not null')).map(({ id }) => id),
  );
  const came = Map.groupBy(mails, ({ messageId }) => messageId);
  for (const { id, address } of handed)
    assert.ok(
      came.get(id)?.some(({ to }) => to.includes(address)),
      `notice ${id} never came`,
    );
  let doubleNotices = 0;
  for (const [id, copies] of came) {
    assert.ok(known.has(id), `mail ${id} is of no notice`);
    copies.slice(1).forEach((copy, i) => {
      const before = copies[i]!.receivedAt.getTime();
      const death = deaths.find((at) => at.getTime() >= before - 200 && at.getTime() <= before + windowMillis && at < copy.receivedAt);
      assert.ok(death, `notice ${id} came again, and nothing died in between`);
      doubleNotices += 1;
    });
  }
  return { notices: handed.length, doubleNotices };
}
