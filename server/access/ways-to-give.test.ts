import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Caller } from '#kernel/context.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { nothingWritten } from '../../test/nothing-written.ts';
import { accessErrors } from './errors.ts';
import { accessRoutes } from './routes.ts';
import { talkTo } from './testing/talk.ts';
import { callerOf, machineOf, openWorld } from './testing/world.ts';

const world = await openWorld();
const confidential = 'post-til-virksomheten-med-taushetsbelagt-innhold';
const police = await world.organization('Politidistrikt');
const number = await world.numberOf(police);
await world.resource({ owner: police, readers: [`package:${confidential}`], minLevel: 4 });
const explicit = await world.resource({ owner: police, readers: ['package:eksplisitt'], minLevel: 4 });
const scopes = [
  'altinn:serviceowner/delegationrequests.write',
  'altinn:authentication/systemregister.write',
  'altinn:authentication/systemuser.request.write',
];
const callers: Record<string, Caller> = { police: machineOf(police, ...scopes) };
const call = await talkTo(world, accessRoutes, callers);
const enduser = '/accessmanagement/api/v1/enduser';
const login = '/authentication/api/v1';
const pack = { urn: `urn:altinn:accesspackage:${confidential}` };

/** An office with a leader, an access manager who leads nothing, and a client whose confidential post it was let in to. */
async function office() {
  const [at, client] = [await world.organization('Regnskapskontor'), await world.organization('Kunde')];
  const [leader, manager, clerk] = [await world.person('Leder'), await world.person('Tilgangsstyrer'), await world.person('Ansatt')];
  await world.role(leader, 'DAGL', at);
  await world.grants([
    { at, to: manager, package: 'tilgangsstyrer' },
    { at, to: manager, package: confidential },
    { at: client, to: at, package: confidential },
  ]);
  const person = (id: PartyId, authLevel = 4) => callerOf(id, { authLevel });
  Object.assign(callers, { leader: person(leader), weak: person(leader, 1), manager: person(manager) });
  return { at, client, leader, manager, clerk, partyOrgNo: await world.numberOf(at) };
}
type Office = Awaited<ReturnType<typeof office>>;

const urn = (id: PartyId) => `urn:altinn:party:uuid:${id}`;
const between = ({ at, clerk }: Office) => `party=${at}&from=${at}&to=${clerk}`;
const agent = ({ at, client, clerk }: Office) => `party=${at}&from=${client}&to=${clerk}&package=${confidential}`;
const said = async (answer: ReturnType<typeof call>) => {
  const { status, body } = await answer;
  assert.ok(status < 300, JSON.stringify(body));
  return body;
};

let systems = 0;
/** What a vendor asks of the office, or has been given there. */
async function request({ partyOrgNo }: Office, kind: '' | '/agent' = ''): Promise<{ id: string; systemId: string }> {
  const text = { nb: 'System', nn: 'System', en: 'System' };
  const systemId = `${number}_system${++systems}`;
  const system = { id: systemId, vendor: { authority: 'iso6523-actorid-upis', ID: `0192:${number}` }, name: text, description: text };
  await said(call('POST', `${login}/systemregister/vendor`, 'police', { ...system, accessPackages: [pack], clientId: [systemId] }));
  const { id } = await said(
    call('POST', `${login}/systemuser/request/vendor${kind}`, 'police', { systemId, partyOrgNo, accessPackages: [pack] }),
  );
  return { id, systemId };
}
const approve = (here: Office, id: string, by: string, of = 'request') =>
  call('POST', `${login}/systemuser/${of}/${here.at}/${id}/approve`, by);
async function systemUser(here: Office, kind: '' | '/agent' = ''): Promise<{ user: PartyId; systemId: string }> {
  const { id, systemId } = await request(here, kind);
  return { user: (await said(approve(here, id, 'leader'))).systemUserId, systemId };
}
async function change(here: Office, kind: '' | '/agent'): Promise<string> {
  const { systemId } = await systemUser(here, kind);
  const body = { systemId, partyOrgNo: here.partyOrgNo, unwantedAccessPackages: [pack] };
  return (await said(call('POST', `${login}/systemuser/changerequest/vendor`, 'police', body))).id;
}
async function askOwner(here: Office, what: object): Promise<string> {
  const connection = { from: urn(here.at), to: urn(here.clerk) };
  return (await said(call('POST', '/accessmanagement/api/v1/serviceowner/delegationrequests', 'police', { connection, ...what }))).id;
}
const makeAgent = (here: Office) => said(call('POST', `${enduser}/clientdelegations/agents?party=${here.at}&to=${here.clerk}`, 'leader'));
async function letAct(here: Office): Promise<void> {
  await makeAgent(here);
  await said(call('POST', `${enduser}/clientdelegations/agents/accesspackages?${agent(here)}`, 'leader'));
}
const given = (here: Office, more: object) => world.grant({ at: here.at, to: here.clerk, ...more });
const grantId = async ({ at, clerk }: Office): Promise<string> =>
  (await world.db.pool.query<{ id: string }>('select id from access.access_grant where from_id = $1 and to_id = $2', [at, clerk])).rows[0]!
    .id;

interface Door {
  /** Of the operation. */
  readonly route: string;
  /** What must be so before, and what is then asked. */
  readonly opens: (here: Office) => Promise<(by: string) => ReturnType<typeof call>>;
  /** Where it is not mayNotGrant. */
  readonly code?: number;
  /** An access manager may do this much: it says nothing of any package. */
  readonly managerMay?: true;
}
const before = (
  route: string,
  prepare: (here: Office) => Promise<unknown>,
  ask: (here: Office, by: string) => ReturnType<typeof call>,
) => ({
  route,
  opens: async (here: Office) => {
    await prepare(here);
    return (by: string) => ask(here, by);
  },
});
const nothing = async () => undefined;
const instance = newId();
const rights = { directRightKeys: ['read'] };
const resources = `${enduser}/connections/resources`;
const item = `resource=${explicit}&instance=urn:altinn:correspondence-id:${instance}`;

/** Each way in which people give access or take it. A new one that is not in this table fails the test below. */
const doors: readonly Door[] = [
  before('POST /budstikke/v1/grants', nothing, ({ at, clerk }, by) =>
    call('POST', '/budstikke/v1/grants', by, { at: urn(at), to: urn(clerk), package: confidential }),
  ),
  before('POST /budstikke/v1/grants', nothing, ({ at, clerk }, by) =>
    call('POST', '/budstikke/v1/grants', by, { at: urn(at), to: urn(clerk), resource: explicit }),
  ),
  {
    route: 'DELETE /budstikke/v1/grants/:id',
    code: accessErrors.grantNotFound.code,
    opens: async (here) => {
      await given(here, { package: confidential });
      const id = await grantId(here);
      return (by) => call('DELETE', `/budstikke/v1/grants/${id}`, by);
    },
  },
  {
    route: 'POST /budstikke/v1/grants/:id/restore',
    code: accessErrors.grantNotFound.code,
    opens: async (here) => {
      await given(here, { package: confidential });
      const id = await grantId(here);
      await said(call('DELETE', `/budstikke/v1/grants/${id}`, 'leader'));
      return (by) => call('POST', `/budstikke/v1/grants/${id}/restore`, by);
    },
  },
  before(
    `DELETE ${enduser}/connections`,
    (here) => given(here, { package: confidential }),
    (here, by) => call('DELETE', `${enduser}/connections?${between(here)}&cascade=true`, by),
  ),
  before(`POST ${enduser}/connections/accesspackages`, nothing, (here, by) =>
    call('POST', `${enduser}/connections/accesspackages?${between(here)}&package=${confidential}`, by),
  ),
  before(
    `DELETE ${enduser}/connections/accesspackages`,
    (here) => given(here, { package: confidential }),
    (here, by) => call('DELETE', `${enduser}/connections/accesspackages?${between(here)}&package=${confidential}`, by),
  ),
  ...(['POST', 'PUT'] as const).flatMap((method) => [
    before(`${method} ${resources}/rights`, nothing, (here, by) =>
      call(method, `${resources}/rights?${between(here)}&resource=${explicit}`, by, rights),
    ),
    before(`${method} ${resources}/instances/rights`, nothing, (here, by) =>
      call(method, `${resources}/instances/rights?${between(here)}&${item}`, by, rights),
    ),
  ]),
  before(
    `DELETE ${resources}`,
    (here) => given(here, { resource: explicit }),
    (here, by) => call('DELETE', `${resources}?${between(here)}&resource=${explicit}`, by),
  ),
  before(
    `DELETE ${resources}/instances`,
    (here) => given(here, { resource: explicit, instance }),
    (here, by) => call('DELETE', `${resources}/instances?${between(here)}&${item}`, by),
  ),
  ...[{ package: confidential }, { resource: { referenceId: explicit } }].map((what) => ({
    route: `PUT ${enduser}/request/received/approve`,
    opens: async (here: Office) => {
      const id = await askOwner(here, what);
      return (by: string) => call('PUT', `${enduser}/request/received/approve?party=${here.at}&id=${id}`, by);
    },
  })),
  ...(['', '/agent'] as const).flatMap((kind): Door[] => [
    {
      route: `POST ${login}/systemuser/request/:party/:requestId/approve`,
      opens: async (here) => {
        const { id } = await request(here, kind);
        return (by) => approve(here, id, by);
      },
    },
    {
      route: `POST ${login}/systemuser/changerequest/:party/:requestId/approve`,
      opens: async (here) => {
        const id = await change(here, kind);
        return (by) => approve(here, id, by, 'changerequest');
      },
    },
    {
      route: `DELETE ${login}/systemuser/:party/:systemUserId`,
      opens: async (here) => {
        const { user } = await systemUser(here, kind);
        return (by) => call('DELETE', `${login}/systemuser/${here.at}/${user}`, by);
      },
    },
  ]),
  {
    ...before(`POST ${enduser}/clientdelegations/agents`, nothing, ({ at, clerk }, by) =>
      call('POST', `${enduser}/clientdelegations/agents?party=${at}&to=${clerk}`, by),
    ),
    managerMay: true,
  },
  before(`DELETE ${enduser}/clientdelegations/agents`, letAct, ({ at, clerk }, by) =>
    call('DELETE', `${enduser}/clientdelegations/agents?party=${at}&to=${clerk}`, by),
  ),
  before(`POST ${enduser}/clientdelegations/agents/accesspackages`, makeAgent, (here, by) =>
    call('POST', `${enduser}/clientdelegations/agents/accesspackages?${agent(here)}`, by),
  ),
  before(`DELETE ${enduser}/clientdelegations/agents/accesspackages`, letAct, (here, by) =>
    call('DELETE', `${enduser}/clientdelegations/agents/accesspackages?${agent(here)}`, by),
  ),
];

for (const { route, opens, code = accessErrors.mayNotGrant.code, managerMay } of doors)
  test(`given ${route}, when an access manager, or a leader by too low a login, gives or takes what it may not, then it is refused, and the leader is not: each way to give access refuses what may not be given`, async () => {
    const here = await office();
    const ask = await opens(here);
    for (const by of managerMay ? ['weak'] : ['weak', 'manager']) {
      const { status, body } = await nothingWritten(world.db, () => ask(by));
      const expected = by === 'weak' && asksLevel(route) ? accessErrors.loginTooLow.code : code;
      assert.deepEqual([by, body?.errorCode], [by, expected], `${status} ${JSON.stringify(body)}`);
    }
    await said(ask('leader'));
  });

/** Ours ask for the login before anything else; the original's tell it by what may be given. */
const asksLevel = (route: string): boolean => route.includes(' /budstikke/v1/');

/** What gives and takes nobody's access, by the beginning of its path, or is a request that others decide on. */
const noDoors: readonly RegExp[] = [
  /^\w+ \/resourceregistry\//, // who may open which post at all: the owner's policies and lists
  /^\w+ \/authentication\/api\/v1\/systemregister\//,
  /^POST \/(budstikke\/v1\/(reachability|decisions)|authorization\/)/,
  /^POST \/accessmanagement\/api\/v1\/(resourceowner|serviceowner)\/authorizedparties$/,
  /^(POST|PUT) \/accessmanagement\/api\/v1\/serviceowner\/delegationrequests/,
  /\/request\/received\/reject$/,
  /^(POST|DELETE) \/authentication\/api\/v1\/systemuser\/(changerequest|request)\/vendor/,
  /^POST \/authentication\/api\/v1\/systemuser\/(changerequest|request)\/:party\/:requestId\/(reject|escalate)$/,
  /^POST \/accessmanagement\/api\/v1\/enduser\/connections$/, // a right holder opens nothing
];

test('given every operation of access that writes, when it is looked for, then it is one of these doors, or is known to give nothing', () => {
  const writing = accessRoutes.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`);
  const rest = writing.filter((route) => !noDoors.some((known) => known.test(route)));
  assert.deepEqual(rest.toSorted(), [...new Set(doors.map(({ route }) => route))].toSorted());
});

test('given an access manager who acts for a client itself, when it lets a colleague use what it may hand on there, then the colleague may, and what it has not itself it gives nobody', async () => {
  const here = await office();
  const [ordinary, other] = ['ordinaer-post-til-virksomheten', 'jordbruk'];
  for (const code of [ordinary, other]) await world.grant({ at: here.client, to: here.at, package: code });
  await world.delegate({ client: here.client, provider: here.at, agent: here.manager, package: ordinary });
  await makeAgent(here);
  const give = (code: string) =>
    call(
      'POST',
      `${enduser}/clientdelegations/agents/accesspackages?party=${here.at}&from=${here.client}&to=${here.clerk}&package=${code}`,
      'manager',
    );
  assert.equal((await give(ordinary)).status, 204);
  assert.equal((await give(other)).body.errorCode, accessErrors.mayNotGrant.code);
});
