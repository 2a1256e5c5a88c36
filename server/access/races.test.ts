import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Reader, Sql, Tx } from '#kernel/database.ts';
import { Refusal } from '#kernel/refusal.ts';
import { may } from './decide/may.ts';
import { whoCanOpen } from './decide/who-can-open.ts';
import { accessErrors } from './errors.ts';
import { createGrant } from './grants/create-grant.ts';
import { findLiveGrant, saveRevocation } from './store/grants.ts';
import { endRoleAssignments } from './store/roles.ts';
import { lockAccess } from './store/versions.ts';
import { callerOf, openWorld } from './testing/world.ts';

const world = await openWorld();
const owner = await world.organization('Politidistrikt');
const resource = await world.resource({ owner, readers: ['package:eksplisitt'] });

async function granted(what = resource) {
  const [at, clerk] = [await world.organization('Skien'), await world.person('Saksbehandler')];
  await world.grant({ at, to: clerk, resource: what });
  const grant = await findLiveGrant(world.db, at, clerk, { package: null, resource: what, instance: null });
  const revoke = async (tx: Tx) => saveRevocation(tx, grant!.id, clerk, world.ctx.now());
  const thing = { party: at, needs: [{ resource: what, action: 'read', instance: null, what: 'message' as const }] };
  return { at, clerk, revoke, thing };
}

/** A reader that lets something happen before the statement with this number. */
function interrupted(before: number, happen: () => Promise<unknown>): Reader {
  let n = 0;
  const counted = async <T>(read: () => Promise<T>) => {
    n += 1;
    if (n === before) await happen();
    return read();
  };
  return {
    contents: world.db.contents,
    all: <T>(query: Sql) => counted(() => world.db.all<T>(query)),
    maybe: <T>(query: Sql) => counted(() => world.db.maybe<T>(query)),
    one: <T>(query: Sql) => counted(() => world.db.one<T>(query)),
  };
}

test('given a revocation that is not committed, when others ask, then the right still stands, and its commit shows in the version', async () => {
  const { at, clerk, revoke, thing } = await granted();
  let commit = () => {};
  const committed = new Promise<void>((resolve) => {
    commit = resolve;
  });
  let began = () => {};
  const begun = new Promise<void>((resolve) => {
    began = resolve;
  });
  const revocation = world.db.transaction(async (tx) => {
    await revoke(tx);
    await tx.one({ text: 'select 1', values: [] });
    began();
    await committed;
  });
  await begun;

  const during = (await whoCanOpen(world.db, [thing]))[0]!;
  assert.equal((await may(world.db, callerOf(clerk), { action: 'read', resource, party: at })).permit, true);
  assert.equal(during.openers.length, 1);
  commit();
  await revocation;

  assert.equal((await may(world.db, callerOf(clerk), { action: 'read', resource, party: at })).permit, false);
  assert.notEqual(String(await world.version(at)), during.accessVersion);
});

test('given a revocation that is committed while openers are looked for, when it falls between any two statements, then what is stored never passes for current', async () => {
  let interruptions = 0;
  for (let before = 1; before === interruptions + 1; before += 1) {
    const anew = await world.resource({ owner, readers: ['package:eksplisitt'] }); // nothing is known of it from before
    const { at, revoke, thing } = await granted(anew);
    const meanwhile = async () => {
      await world.db.transaction(revoke);
      interruptions += 1;
    };
    const found = (await whoCanOpen(interrupted(before, meanwhile), [thing]))[0]!;
    const isCurrent = found.accessVersion === String(await world.version(at));
    const isOpen = interruptions < before;
    assert.ok(!isCurrent || isOpen || found.openers.length === 0, `before statement ${before}: an opener that is gone passes for current`);
    const again = (await whoCanOpen(world.db, [thing]))[0]!;
    assert.equal(again.openers.length, isOpen ? 1 : 0, `before statement ${before}: what was remembered is not what holds`);
  }
  assert.ok(interruptions >= 3, `${interruptions} statements were interrupted`);
});

test('given access that is being changed at a party, when another changes it there too, then it waits and decides on what the first left', async () => {
  const { at, revoke } = await granted();
  const order: string[] = [];
  const first = world.db.transaction(async (tx) => {
    await lockAccess(tx, at);
    order.push('first holds');
    await new Promise((resolve) => setTimeout(resolve, 50));
    await revoke(tx);
    order.push('first done');
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  const second = world.db.transaction(async (tx) => {
    await lockAccess(tx, at);
    order.push('second holds');
    return whoCanOpen(tx, [{ party: at, needs: [{ resource, action: 'read', instance: null, what: 'message' }] }]);
  });
  await first;
  assert.deepEqual((await second)[0]?.openers, []);
  assert.deepEqual(order, ['first holds', 'first done', 'second holds']);
});

test('given a manager who loses its role in a transaction that is still open, when it gives access meanwhile, then it waits and is refused, and no grant stands', async () => {
  const [at, manager, clerk] = [await world.organization('Skien'), await world.person('Leder'), await world.person('Saksbehandler')];
  await world.role(manager, 'DAGL', at);
  const [number, package_] = [await world.numberOf(at), 'post-til-virksomheten-med-taushetsbelagt-innhold'];
  const request = { at: `0192:${number}`, to: `urn:altinn:party:uuid:${clerk}`, package: package_ };
  let giving: Promise<unknown> | undefined;
  await world.db.transaction(async (tx) => {
    endRoleAssignments(tx, [{ holder: manager, role: 'DAGL', at }]);
    await tx.one({ text: 'select 1', values: [] });
    giving = createGrant(world.ctx, callerOf(manager), request).catch((error: unknown) => error);
    await somebodyWaits();
  });
  const refusal = await giving;
  assert.ok(refusal instanceof Refusal && refusal.row.code === accessErrors.mayNotGrant.code, String(refusal));
  assert.equal(await findLiveGrant(world.db, at, clerk, { package: package_, resource: null, instance: null }), undefined);
});

/** Somebody waits for a lock that another holds. */
async function somebodyWaits(): Promise<void> {
  for (;;) {
    const { rows } = await world.db.pool.query<{ n: number }>(`
      select count(*)::integer as n from pg_locks l join pg_stat_activity a on a.pid = l.pid
       where not l.granted and a.datname = current_database()`);
    if (rows[0]!.n > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test('given many who change access at the same parties in any order, when all are done, then every change is counted', async () => {
  const [main, a, b] = [await world.organization('Hoved'), await world.organization('A'), await world.organization('B')];
  const below = await world.subunit('Under', main);
  const born = await world.version(below);
  const persons = await Promise.all(['1', '2', '3', '4'].map((name) => world.person(name)));
  await Promise.all(
    persons.flatMap((person, i) =>
      (i % 2 ? [main, a, b, below] : [below, b, a, main]).map((at) =>
        world.grant({ at, to: person, package: 'ordinaer-post-til-virksomheten' }),
      ),
    ),
  );
  assert.deepEqual([await world.version(main), await world.version(a), (await world.version(below)) - born], [4, 4, 8]);
});
