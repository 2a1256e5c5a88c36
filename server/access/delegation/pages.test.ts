import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Caller } from '#kernel/context.ts';
import { newId } from '#kernel/ids.ts';
import { clientDelegationRoutes } from '../client-delegation/routes.ts';
import { listPendingRequests } from '../delegation/requests/store.ts';
import { systemUserRoutes } from '../system-users/routes.ts';
import { talkTo } from '../testing/talk.ts';
import { callerOf, openWorld } from '../testing/world.ts';
import { connectionRoutes } from './routes.ts';

const many = 1103;
const world = await openWorld();
const [owner, at, manager] = [await world.organization('Etaten'), await world.organization('Stor kommune'), await world.person('Leder')];
await world.role(manager, 'DAGL', at);
const resource = await world.resource({ owner, readers: ['package:ordinaer-post-til-virksomheten'] });
const callers: Record<string, Caller> = { manager: callerOf(manager) };
const call = await talkTo(world, [...connectionRoutes, ...clientDelegationRoutes, ...systemUserRoutes], callers);
const item = newId();

/** Very many who were given a role, a package, a resource and one message each; clients of one agent by two providers. */
await world.db.pool.query(
  `insert into register.party (id, kind, number, name)
   select ('0198f0a0-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'person', lpad((10000000000 + n)::text, 11, '0'), 'Person ' || n
     from generate_series(1, ${many}) n`,
);
const persons = `(select id, row_number() over (order by id) as n from register.party where name like 'Person %')`;
const grants = (what: string, actions: string) =>
  world.db.pool.query(
    `insert into access.access_grant (id, from_id, to_id, package, resource_id, instance, actions, created_at)
     select gen_random_uuid(), $1, p.id, ${what}, '${actions}', clock.now() from ${persons} p`,
    [at],
  );
await world.db.pool.query(
  `insert into access.role_assignment (holder_id, role, at_id, source, changed_at) select p.id, 'rettighetshaver', $1, 'test', clock.now() from ${persons} p`,
  [at],
);
await grants(`'ordinaer-post-til-virksomheten', null, null`, '{}');
await grants(`null, '${resource}', null`, '{read}');
await grants(`null, '${resource}', '${item}'::uuid`, '{read}');

interface Row {
  readonly to: { readonly id: string };
  readonly role: { readonly code: string } | null;
}

const connections = '/accessmanagement/api/v1/enduser/connections';
const side = `?party=${at}&from=${at}`;

/** What all pages hold, and how many there are; no page is the last that is not. */
// biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects
async function readOn(path: string, by = 'manager'): Promise<{ data: any[]; pages: number }> {
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects
  const data: any[] = [];
  let pages = 0;
  for (let next: string | null = path; next; ) {
    const { status, body } = await call('GET', next, by);
    assert.equal(status, 200, JSON.stringify(body));
    data.push(...body.data);
    next = body.links.next;
    pages += 1;
  }
  return { data, pages };
}

test('given lists that are longer than a page, when they are read on, then everybody stands there once', async () => {
  for (const [path, entries, others] of [
    ['/roles', (data) => data.flatMap(({ role, permissions }) => permissions.map((p: Row) => [role.code, p.to.id])), 1],
    [
      '/accesspackages',
      (data) => data.flatMap(({ package: { urn }, permissions }) => permissions.map((p: Row) => [urn, p.to.id, p.role?.code])),
      'some',
    ],
    ['/resources', (data) => data.flatMap(({ permissions }) => permissions.map((p: Row) => [p.to.id])), 0],
    ['/resources/instances', (data) => data.flatMap(({ permissions }) => permissions.map((p: Row) => [p.to.id])), 0],
    [`/resources/instances/users&resource=${resource}&instance=${item}`, (data) => data.map(({ id }) => [id]), 0],
    // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects
  ] as [string, (data: any[]) => string[][], number | 'some'][]) {
    const [name, more = ''] = [path.split('&')[0]!, path.includes('&') ? path.slice(path.indexOf('&')) : ''];
    const { data, pages } = await readOn(`${connections}${name}${side}${more}`);
    const keys = entries(data).map((key) => key.join(' '));
    assert.equal(new Set(keys).size, keys.length, `${path}: something stands there twice`);
    if (others === 'some') assert.ok(keys.length > many);
    else assert.equal(keys.length, many + others, path);
    assert.ok(pages >= 3, path);
  }
});

test('given a token that no list has given, when it is shown, then it is refused', async () => {
  const foreign = Buffer.from(JSON.stringify(['a', 'b'])).toString('base64url');
  const zero = Buffer.from(JSON.stringify(['a\u0000', newId(), newId()])).toString('base64url');
  const number = Buffer.from('17').toString('base64url');
  for (const path of ['/roles', '/accesspackages', '/resources', '/resources/instances'])
    for (const token of [foreign, zero, number, 'abc']) {
      const { status, body } = await call('GET', `${connections}${path}${side}&token=${token}`, 'manager');
      assert.deepEqual([status, body.errorCode], [400, 9114], `${path} ${token}`);
    }
  const { body } = await call('GET', `/accessmanagement/api/v1/enduser/clientdelegations/my/clients?token=${foreign}`, 'manager');
  assert.equal(body.errorCode, 9114);
});

test('given an agent of very many clients by two providers, when its clients are read on, then each stands there with all its packages', async () => {
  const [agent, second] = [await world.person('Ansatt'), await world.organization('Byrå to')];
  callers.agent = callerOf(agent);
  for (const provider of [at, second])
    await world.db.pool.query(
      `insert into access.client_delegation (id, client_id, provider_id, agent_id, package, created_at)
       select gen_random_uuid(), p.id, $1, $2, k.package, clock.now()
         from ${persons} p cross join (values ('regnskapsforer-lonn'), ('ordinaer-post-til-virksomheten')) k (package) where p.n <= 205`,
      [provider, agent],
    );
  const own = await readOn('/accessmanagement/api/v1/enduser/clientdelegations/my/clients', 'agent');
  assert.deepEqual([own.data.length, own.pages], [410, 5]);
  assert.ok(own.data.every(({ packages }) => packages.join() === 'ordinaer-post-til-virksomheten,regnskapsforer-lonn'));
  const ofOne = await readOn(`/accessmanagement/api/v1/enduser/clientdelegations/agents/accesspackages?party=${at}&to=${agent}`);
  assert.deepEqual([new Set(ofOne.data.map(({ client }) => client.id)).size, ofOne.data.length, ofOne.pages], [205, 205, 3]);
});

test('given lists that have no next page on the wire, when they are long, then they are whole', async () => {
  await world.db.pool.query(
    `insert into access.role_assignment (holder_id, role, at_id, source, changed_at) select $1, 'rettighetshaver', p.id, 'test', clock.now() from ${persons} p`,
    [manager],
  );
  const { body: parties } = await call('GET', '/accessmanagement/api/v1/enduser/authorizedparties?includeRoles=true', 'manager');
  assert.equal(
    parties.filter(({ authorizedRoles }: { authorizedRoles: string[] }) => authorizedRoles.includes('rettighetshaver')).length,
    many,
  );

  const users = Array.from({ length: many }, () => newId());
  await world.db.pool.query(`insert into register.party (id, kind, name) select unnest($1::uuid[]), 'system-user', 'System'`, [users]);
  await world.db.pool.query(
    `insert into access.system_user (id, system_id, owner_id, kind, external_ref, integration_title, created_at) select u, 'et-system', $2, 'standard', u::text, '', clock.now() from unnest($1::uuid[]) u`,
    [users, at],
  );
  const { body: systems } = await call('GET', `/authentication/api/v1/systemuser/${at}`, 'manager');
  assert.equal(systems.length, many);
});

test('given a party that very much is asked of, when what is asked is shown for several, then it hides no other', async () => {
  const quiet = await world.organization('Stille AS');
  const ask = (party: string, first: number, last: number) =>
    world.db.pool.query(
      `insert into access.delegation_request (id, at_id, to_id, package, requested_by, status, created_at)
       select gen_random_uuid(), $1, p.id, 'ordinaer-post-til-virksomheten', $2, 'Pending', clock.now() from ${persons} p where p.n between $3 and $4`,
      [party, owner, first, last],
    );
  await ask(at, 1, many);
  await ask(quiet, 1, 2);
  const asked = Map.groupBy(await listPendingRequests(world.db, [at, quiet]), (request) => request.at);
  assert.deepEqual([asked.get(at)!.length, asked.get(quiet)!.length], [100, 2]);
});
