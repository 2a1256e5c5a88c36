import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { openClient } from '../machine.ts';
import type { Following, FollowingRows } from '../rows/following-rows.ts';
import { insertStatements, type PlannedRow, type Statement } from '../rows/insert.ts';
import { idsFor, type Occasion, type Recipient, type RowPattern } from '../rows/pattern.ts';
import { type PlannedChange, updateStatement } from '../rows/update.ts';
import { commitAll, feedOf } from './write.ts';

/** In one transaction, as the product's workers take them. */
const stepsAtOnce = 200;
const noticesAtOnce = 50;
const eventsAtOnce = 500;
const pauseMillis = 1000;

/** Works off what the bare path leaves to be done: the same rows, claimed in the same sets, by one worker for each kind of row. */
export async function startBareSideWork(
  url: string,
  following: FollowingRows,
  recipients: readonly Recipient[],
): Promise<{ stop(): Promise<void> }> {
  const byId = new Map(recipients.map((recipient) => [recipient.id, recipient]));
  const works = [takeSteps, handOverNotices, ...(following.tellsEvents ? [tellEvents] : [])];
  let stopped = false;
  const loops = works.map(async (work) => {
    const client = await openClient(url);
    while (!stopped) if ((await work(client, following, byId)) === 0) await sleep(pauseMillis, undefined, { ref: false });
    await client.end();
  });
  return {
    async stop() {
      stopped = true;
      await Promise.all(loops);
    },
  };
}

interface Claimed {
  readonly about: string;
  readonly party: string;
  readonly step: string;
  readonly notice?: string;
}

type Recipients = ReadonlyMap<string, Recipient>;

async function takeSteps(client: pg.Client, following: FollowingRows, recipients: Recipients): Promise<number> {
  await client.query('begin');
  const { rows } = await client.query<Claimed>({
    name: 'bench claim steps',
    text: `select id as step, about, party_id as party from watch.step
            where state = 'due' and due_at <= clock.now() order by due_at limit ${stepsAtOnce} for update skip locked`,
  });
  await finish(client, following, 'ofStep', occasionsOf(rows, following, recipients));
  return rows.length;
}

async function handOverNotices(client: pg.Client, following: FollowingRows, recipients: Recipients): Promise<number> {
  const { rows } = await client.query<Claimed>({
    name: 'bench claim notices',
    text: `with due as (
             select id from notifications.notice
              where state in ('due', 'handing-over') and due_at <= clock.now() and cancelled_at is null and leased_until is null
              order by due_at limit ${noticesAtOnce} for update skip locked)
           update notifications.notice n
              set state = 'handing-over', attempts = n.attempts + 1, message_id = '<' || n.id || '@bench>',
                  leased_until = statement_timestamp() + interval '5 minutes'
             from due where n.id = due.id
           returning n.id as notice, n.step_id as step, n.about, n.party_id as party`,
  });
  if (rows.length === 0) return 0;
  await client.query('begin');
  await finish(client, following, 'ofNotice', occasionsOf(rows, following, recipients));
  return rows.length;
}

async function tellEvents(client: pg.Client): Promise<number> {
  const { rowCount } = await client.query({
    name: 'bench tell events',
    text: `update events.outbox o set told_at = clock.now()
             from (select id from events.outbox where told_at is null order by id limit ${eventsAtOnce} for update skip locked) due
            where o.id = due.id`,
  });
  return rowCount ?? 0;
}

interface Followed {
  readonly following: Following;
  readonly occasion: Occasion;
}

function occasionsOf(claimed: readonly Claimed[], { perKind }: FollowingRows, recipients: Recipients): Followed[] {
  return claimed.map(({ about, party, step, notice }) => {
    const recipient = recipients.get(party)!;
    const following = perKind.get(recipient.kind)!;
    const given = new Map([
      [following.ids.message, about],
      [following.ids.step, step],
      ...(notice ? [[following.ids.notice, notice] as const] : []),
    ]);
    return { following, occasion: { recipient, at: Date.now(), idFor: idsFor(given) } };
  });
}

/** Writes what follows and commits the transaction that has claimed. */
async function finish(client: pg.Client, rows: FollowingRows, phase: 'ofStep' | 'ofNotice', followed: readonly Followed[]): Promise<void> {
  const order = orderOf(rows, phase);
  const inserts = followed.flatMap(({ following, occasion }) =>
    following[phase].inserts.map((pattern): PlannedRow => ({ pattern, occasion })),
  );
  const changes = followed.flatMap(({ following, occasion }) =>
    following[phase].changes.map((change): PlannedChange => ({ change, occasion })),
  );
  const written = insertStatements(order, inserts);
  const changed = [...Map.groupBy(changes, ({ change }) => change.pattern.table.name)].flatMap(([table, some]) =>
    updateStatement(`bench ${phase} ${table}`, some),
  );
  await commitAll(client, [...changed, ...written, ...feedOf(rows.perTransaction, order, written as Statement[])], 'begun');
}

const kept = new WeakMap<FollowingRows, Map<string, RowPattern[]>>();

function orderOf(rows: FollowingRows, phase: 'ofStep' | 'ofNotice'): RowPattern[] {
  const orders = kept.get(rows) ?? new Map<string, RowPattern[]>();
  kept.set(rows, orders);
  const order = orders.get(phase) ?? [...rows.perKind.values()].flatMap((following) => following[phase].inserts);
  orders.set(phase, order);
  return order;
}
