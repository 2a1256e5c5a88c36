import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { saveParties } from '#register/index.ts';
import { mayEach } from './decide/may.ts';
import { whoCanOpen } from './decide/who-can-open.ts';
import { attribute, category, matching, type Rule } from './policy.ts';
import { saveResources } from './seed/save-resources.ts';
import { saveClientDelegations } from './store/client-delegations.ts';
import { saveGrants } from './store/grants.ts';
import { saveRoleAssignments } from './store/roles.ts';
import { type Inhabitant, type SmallTown, slowlyMay } from './testing/reference.ts';
import { callerOf, openWorld } from './testing/world.ts';

const world = await openWorld();
const organizations: PartyId[] = [];
const persons: PartyId[] = [];
for (const name of ['A', 'B', 'C']) organizations.push(await world.organization(name));
for (const [i, name] of ['A under', 'B under'].entries()) organizations.push(await world.subunit(name, organizations[i]!));
for (const name of ['Kari', 'Ola', 'Per', 'Pål']) persons.push(await world.person(name));
const everybody = [...organizations, ...persons];
const systems = [
  await world.systemUser(organizations[0]!, await world.resource({ owner: organizations[2]! }), ['write']),
  await world.systemUser(organizations[1]!, await world.resource({ owner: organizations[2]! }), ['write']),
];
const actors = [...persons, ...systems];
const identityNumbers = await Promise.all(persons.map((person) => world.numberOf(person)));
const [kariNumber, aNumber] = [await world.numberOf(persons[0]!), await world.numberOf(organizations[0]!)];

const roles = ['DAGL', 'LEDE', 'KOMK', 'KOMP', 'REGN', 'REVI', 'FFØR', 'hovedadministrator', 'nav-familie'];
const packages = [
  'ordinaer-post-til-virksomheten',
  'post-til-virksomheten-med-taushetsbelagt-innhold',
  'hovedadministrator',
  'skatt-naering',
  'regnskapsforer-lonn',
  'ansvarlig-revisor',
  'vergemal-nav-familie',
];

const match = fc
  .oneof(
    fc.constantFrom('DAGL', 'a0236', 'regnskapsforer', 'PRIV', 'hadm').map((value) => [attribute.role, value]),
    fc.constantFrom(...packages).map((value) => [attribute.package, value]),
    fc.constantFrom('organization', 'person').map((value) => [attribute.partyType, value]),
    fc.constant([attribute.personNumber, kariNumber]),
    fc.constant([attribute.organizationNumber, aNumber]),
    fc.constant(['urn:altinn:task', 'x']),
  )
  .map(([name, value]) => ({ category: category.subject, attribute: name!, match: matching.equalIgnoreCase, value: value! }));

/** Every rule that permits names subjects: one that permits all the world makes nobody in particular reachable. */
const rule: fc.Arbitrary<Rule> = fc.record({
  effect: fc.constantFrom('permit' as const, 'permit' as const, 'permit' as const, 'deny' as const),
  actions: fc.constantFrom(['read'], ['read', 'write'], []),
  target: fc.array(fc.array(fc.array(match, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 3 }), {
    minLength: 1,
    maxLength: 2,
  }),
});

const town = fc.record({
  rules: fc.array(rule, { minLength: 1, maxLength: 3 }),
  dead: fc.option(fc.constantFrom(...persons), { freq: 3 }),
  closed: fc.subarray(organizations, { maxLength: 2 }),
  merged: fc.constantFrom(null, [0, 2], [2, 1], [3, 2], [1, 0]),
  roles: fc.array(
    fc.record({ holder: fc.constantFrom(...everybody), role: fc.constantFrom(...roles), at: fc.constantFrom(...everybody) }),
    { maxLength: 8 },
  ),
  grants: fc.array(
    fc.record({
      at: fc.constantFrom(...everybody),
      to: fc.constantFrom(...everybody, ...systems),
      what: fc.constantFrom(...packages, 'resource', 'item', 'write'),
      until: fc.constantFrom(null, '2020-01-01', '2999-01-01'),
    }),
    { maxLength: 8 },
  ),
  /** Of a provider that has what it hands on, more often than not: by a role, or because it was given it. */
  delegations: fc.array(
    fc.record({
      client: fc.constantFrom(...everybody),
      provider: fc.constantFrom(...organizations),
      agent: fc.constantFrom(...actors),
      package: fc.constantFrom(...packages),
      by: fc.constantFrom('grant', 'REGN', 'REVI', null),
    }),
    { maxLength: 4 },
  ),
});

const instance = '0198f0a0-0000-7000-8000-000000000001';

/** A client delegation says something where client, provider and agent are three. */
const delegationsOf = ({ delegations }: Given) =>
  delegations.filter(({ client, provider, agent }) => new Set([client, provider, agent]).size === 3);

type Given = typeof town extends fc.Arbitrary<infer T> ? T : never;

/** One in which somebody opens as an agent, tried before all others: few towns that are made up have one. */
const withAgent: Given = {
  rules: [
    {
      effect: 'permit',
      actions: ['read'],
      target: [[[{ category: category.subject, attribute: attribute.package, match: matching.equal, value: 'regnskapsforer-lonn' }]]],
    },
  ],
  ...{ dead: null, closed: [], merged: null, roles: [], grants: [] },
  delegations: [{ client: organizations[0]!, provider: organizations[1]!, agent: persons[0]!, package: 'regnskapsforer-lonn', by: 'REGN' }],
};

/** The same town as rows of tables, and as plain data for the slow way. */
async function settle(given: Given, resource: ResourceId): Promise<SmallTown> {
  const delegations = delegationsOf(given);
  const roleRows = [
    ...given.roles,
    ...delegations.flatMap(({ client, provider, by }) => (by?.startsWith('RE') ? [{ holder: provider, role: by, at: client }] : [])),
  ];
  const grantRows = [
    ...given.grants.map(({ what, ...grant }) =>
      packages.includes(what)
        ? { ...grant, package: what }
        : { ...grant, resource, actions: what === 'write' ? ['write'] : ['read'], instance: what === 'item' ? instance : null },
    ),
    ...delegations.flatMap((each) =>
      each.by === 'grant' ? [{ at: each.client, to: each.provider, package: each.package, until: '2999-01-01' }] : [],
    ),
  ];
  const closed = new Set([...given.closed, ...(given.merged ? [organizations[given.merged[0]!]!] : [])]);
  const heir = (id: PartyId) => (given.merged && organizations[given.merged[0]!] === id ? organizations[given.merged[1]!]! : null);
  const parties = inhabitants.map((each): Inhabitant => {
    return { ...each, alive: each.id !== given.dead && !closed.has(each.id), successor: heir(each.id) };
  });
  const numberAt = (id: PartyId | null) => inhabitants.find((each) => each.id === id)?.number ?? null;
  await world.db.transaction(async (tx) => {
    for (const text of ['role_assignment', 'access_grant', 'client_delegation'])
      await tx.run({ text: `delete from access.${text}`, values: [] });
    saveResources(tx, [
      { id: resource, type: 'CorrespondenceService', owner: organizations[2]!, title: { nb: '', nn: '', en: '' }, rules: given.rules },
    ]);
    saveRoleAssignments(tx, roleRows);
    saveGrants(tx, lastOfEach(grantRows));
    saveClientDelegations(tx, delegations);
    saveParties(
      tx,
      parties
        .filter(({ kind }) => kind !== 'system-user')
        .map(({ id, kind, number, alive, successor }) => ({
          ...{ kind, number, name: id },
          ...(kind === 'person'
            ? { diedOn: alive ? null : '2026-01-01' }
            : { deletedAt: alive ? null : '2026-01-01T00:00:00Z', successorNumber: numberAt(successor) }),
        })),
    );
  });
  const grants = lastOfEach(grantRows).map((row) => ({
    ...{ package: null, resource: null, instance: null, actions: [] as string[] },
    ...row,
    ended: row.until === '2020-01-01',
  }));
  return { parties, roles: roleRows, grants, delegations };
}

/** One row for each key, as the table has it: the first of a call. */
function lastOfEach<T extends { at: PartyId; to: PartyId }>(rows: readonly T[]): T[] {
  const keyOf = (row: T) => JSON.stringify([row.at, row.to, { ...row, until: null, actions: null }]);
  return [...new Map(rows.toReversed().map((row) => [keyOf(row), row])).values()].toReversed();
}

const { rows: inhabitants } = await world.db.pool.query<Inhabitant>(
  `select id, kind, number, org_code as "orgCode", party_id as "partyId", unit_type as "unitType", parent_id as parent from register.party`,
);

test('given any small town, when every person and system asks for itself, then exactly those may whom whoCanOpen names, and who may by the slow way', async () => {
  let [openings, asAgents] = [0, 0];
  await fc.assert(
    fc.asyncProperty(town, async (given) => {
      const resource = await world.resource({ owner: organizations[2]! });
      const standing = await settle(given, resource);
      const policy = { id: resource, ownerId: organizations[2]!, rules: given.rules, minLevel: 0, accessList: null };

      const things = everybody.map((party) => ({ party, needs: [{ resource, action: 'read', instance, what: 'message' as const }] }));
      const found = await whoCanOpen(world.db, things);
      for (const [i, { party }] of things.entries()) {
        const openers = new Map(found[i]!.openers.map((opener) => [opener.party, opener.path]));
        const asked = actors.map((actor) => ({ caller: callerOf(actor), question: { action: 'read', resource, party, instance } }));
        for (const [j, decision] of (await mayEach(world.db, asked)).entries()) {
          const actor = actors[j]!;
          assert.equal(decision.permit && decision.by === 'right', openers.has(actor));
          assert.equal(decision.permit, slowlyMay(standing, policy, { subject: actor, at: party, instance }), 'not as by the slow way');
          if (decision.by !== 'right') continue;
          assert.deepEqual(decision.path, openers.get(actor));
          openings += 1;
          if (decision.path.some((step) => step.startsWith('agent of'))) asAgents += 1;
          assert.ok(!identityNumbers.some((number) => decision.path.join().includes(number)), 'a path holds an identity number');
        }
      }
    }),
    { numRuns: Number(process.env.FC_RUNS ?? 40), examples: [[withAgent]] },
  );
  assert.ok(openings > 0, 'the towns were all empty');
  assert.ok(asAgents > 0, 'nobody opened as an agent');
});
