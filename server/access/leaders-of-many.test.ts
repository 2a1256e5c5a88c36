import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PartyId } from '#kernel/ids.ts';
import { may } from './decide/may.ts';
import { listOwnParties } from './delegation/authorized-parties.ts';
import { partiesOf } from './store/roles.ts';
import { findTies } from './store/ties.ts';
import { callerOf, openWorld } from './testing/world.ts';

/** Somebody who leads ten thousand organizations, each of which has given the next one something. */
const world = await openWorld();
const count = 10_000;
const post = await world.resource({ owner: await world.organization('Etat') });
const leader = await world.person('Leder av mange');
await world.db.pool.query(`
  begin;
  set local session_replication_role = replica;
  insert into register.party (id, kind, number, name, unit_type)
    select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'organization', (800000000 + n)::text, 'Selskap ' || n, 'AS'
      from generate_series(1, ${count}) n;
  insert into access.role_assignment (holder_id, at_id, role, source, changed_at)
    select '${leader}', p.id, 'daglig-leder', 'town', clock.now() from register.party p where p.name like 'Selskap %';
  insert into access.access_grant (id, from_id, to_id, package, actions, created_at)
    select gen_random_uuid(), p.id, q.id, 'ordinaer-post-til-virksomheten', '{}', clock.now()
      from register.party p join register.party q on q.number = (p.number::integer + 1)::text where p.name like 'Selskap %';
  commit;
  analyze`);
const idOf = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}` as PartyId;
const wanted = {
  ...{ roles: ['daglig-leder'], packages: ['ordinaer-post-til-virksomheten'], resources: [post], instances: [] },
  named: { numbers: [], orgCodes: [], partyIds: [], ids: [] },
};

/** How often indexes of access are gone to while something is asked: what it costs, whatever else the machine does. */
async function lookUps(work: (reader: Parameters<typeof findTies>[0]) => Promise<unknown>): Promise<number> {
  return world.db.transaction(async (tx) => {
    const scans = async () => {
      const { n } = await tx.one<{ n: number }>({
        text: `select sum(coalesce(pg_stat_get_xact_numscans(i.indexrelid), 0))::integer as n from pg_index i
                 join pg_class c on c.oid = i.indrelid where c.relnamespace::regnamespace::text in ('access', 'register')`,
        values: [],
      } as never);
      return n;
    };
    const before = await scans();
    await work(tx);
    return (await scans()) - before;
  });
}

test('given somebody who leads ten thousand organizations, when a thousand of them are asked about at once, then all is found, and each is looked at a few times', async () => {
  const asked = Array.from({ length: 1000 }, (_, n) => ({ at: idOf(n + 1), subject: leader }));
  let found: Awaited<ReturnType<typeof findTies>> | undefined;
  const cost = await lookUps(async (reader) => {
    found = await findTies(reader, asked, wanted);
  });
  const own = found!.ties.filter(({ role, leadRole }) => role === 'daglig-leder' && leadRole === null);
  const led = found!.ties.filter(({ package: code, leadRole }) => code !== null && leadRole === 'daglig-leder');
  assert.deepEqual([own.length, led.length, found!.ties.length], [1000, 1000, 2000]);
  assert.ok(cost < 60 * asked.length, `${cost} look-ups for ${asked.length} parties`);
});

test('given the same, when one thing is asked at one of them, then it is answered with a few look-ups', async () => {
  const ask = (at: PartyId) => may(world.db, callerOf(leader), { action: 'read', resource: post, party: at });
  assert.equal((await ask(idOf(count))).permit, true);
  assert.equal((await ask(await world.organization('Ikke ledet'))).permit, false);
  const cost = await lookUps((reader) => findTies(reader, [{ at: idOf(7), subject: leader }], wanted));
  assert.ok(cost < 60, `${cost} look-ups for one party`);
});

test('given a place at which fifteen hundred have been given something, when its leader is asked about there, then each of these is looked at a few times, and not each organization that it leads', async () => {
  const big = idOf(4711);
  await world.db.pool.query(`
    begin;
    set local session_replication_role = replica;
    insert into access.access_grant (id, from_id, to_id, package, actions, created_at)
      select gen_random_uuid(), '${big}', p.id, 'ordinaer-post-til-virksomheten', '{}', clock.now()
        from register.party p where p.kind = 'organization' and p.number between '800000001' and '800001500';
    commit;
    analyze`);
  const ask = (subject: PartyId, at = big) => lookUps((reader) => findTies(reader, [{ at, subject }], wanted));
  let found: Awaited<ReturnType<typeof findTies>> | undefined;
  const cost = await lookUps(async (reader) => {
    found = await findTies(reader, [{ at: big, subject: leader }], wanted);
  });
  assert.equal(found!.ties.filter(({ package: code, leadRole }) => code !== null && leadRole === 'daglig-leder').length, 1501);
  assert.ok(cost < 8 * 1500, `${cost} look-ups for one party`);

  const few = await world.person('Leder av én');
  await world.role(few, 'DAGL', idOf(1));
  assert.equal((await findTies(world.db, [{ at: big, subject: few }], wanted)).ties.length, 1);
  assert.ok((await ask(few)) < 60, 'somebody else at the same place is looked for from its own side');
  assert.ok((await ask(leader, idOf(7))) < 60, 'and the leader elsewhere as before');
});

test('given the same, when it is asked whom that person can represent, then all ten thousand are answered', async () => {
  assert.equal((await partiesOf(world.db, leader)).length, count + 1);
  const parties = await listOwnParties(world.ctx, callerOf(leader), { includeRoles: true });
  assert.equal(parties.length, count + 1);
  assert.ok(parties.filter(({ authorizedRoles }) => authorizedRoles.includes('daglig-leder')).length === count);
});
