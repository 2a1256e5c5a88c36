import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PartyId } from '#kernel/ids.ts';
import { saveParties } from '#register/index.ts';
import { may } from './may.ts';
import { attribute, category, matching, type Rule } from './policy.ts';
import { saveResources } from './save-resources.ts';
import { saveGrants } from './store/grants.ts';
import { saveRoleAssignments } from './store/roles.ts';
import { callerOf, openWorld } from './testing/world.ts';
import { whoCanOpen } from './who-can-open.ts';

const world = await openWorld();
const organizations: PartyId[] = [];
const persons: PartyId[] = [];
for (const name of ['A', 'B', 'C']) organizations.push(await world.organization(name));
for (const [i, name] of ['A under', 'B under'].entries()) organizations.push(await world.subunit(name, organizations[i]!));
for (const name of ['Kari', 'Ola', 'Per', 'Pål']) persons.push(await world.person(name));
const everybody = [...organizations, ...persons];
const identityNumbers = await Promise.all(persons.map((person) => world.numberOf(person)));
const [kariNumber, aNumber] = [await world.numberOf(persons[0]!), await world.numberOf(organizations[0]!)];

const roles = ['DAGL', 'LEDE', 'KOMK', 'KOMP', 'REGN', 'FFØR', 'hovedadministrator', 'nav-familie'];
const packages = [
  'ordinaer-post-til-virksomheten',
  'post-til-virksomheten-med-taushetsbelagt-innhold',
  'hovedadministrator',
  'skatt-naering',
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
  roles: fc.array(
    fc.record({ holder: fc.constantFrom(...everybody), role: fc.constantFrom(...roles), at: fc.constantFrom(...everybody) }),
    { maxLength: 8 },
  ),
  grants: fc.array(
    fc.record({
      at: fc.constantFrom(...everybody),
      to: fc.constantFrom(...everybody),
      what: fc.constantFrom(...packages, 'resource', 'item', 'write'),
      until: fc.constantFrom(null, '2020-01-01', '2999-01-01'),
    }),
    { maxLength: 8 },
  ),
});

const instance = '0198f0a0-0000-7000-8000-000000000001';

test('given any small town, when every person asks for itself, then exactly those may whom whoCanOpen names', async () => {
  const { rows: living } = await world.db.pool.query<{ id: PartyId; number: string; name: string }>(
    'select id, number, name from register.party',
  );
  let openings = 0;
  await fc.assert(
    fc.asyncProperty(town, async (given) => {
      const resource = await world.resource({ owner: organizations[2]! });
      await world.db.transaction(async (tx) => {
        await tx.run({ text: 'delete from access.role_assignment', values: [] });
        await tx.run({ text: 'delete from access.access_grant', values: [] });
        saveResources(tx, [
          { id: resource, type: 'CorrespondenceService', owner: organizations[2]!, title: { nb: '', nn: '', en: '' }, rules: given.rules },
        ]);
        saveRoleAssignments(tx, given.roles);
        saveGrants(
          tx,
          given.grants.map(({ what, ...grant }) =>
            packages.includes(what)
              ? { ...grant, package: what }
              : { ...grant, resource, actions: what === 'write' ? ['write'] : ['read'], instance: what === 'item' ? instance : null },
          ),
        );
        const dead = living.filter((party) => persons.includes(party.id));
        saveParties(
          tx,
          dead.map(({ id, number, name }) => ({ kind: 'person', number, name, diedOn: id === given.dead ? '2026-01-01' : null })),
        );
      });

      const things = everybody.map((party) => ({ party, needs: [{ resource, action: 'read', instance, what: 'message' as const }] }));
      const found = await whoCanOpen(world.db, things);
      for (const [i, { party }] of things.entries()) {
        const openers = new Map(found[i]!.openers.map((opener) => [opener.party, opener.path]));
        for (const person of persons) {
          const decision = await may(world.db, callerOf(person), { action: 'read', resource, party, instance });
          assert.equal(decision.permit, openers.has(person));
          if (decision.permit) assert.deepEqual(decision.path, openers.get(person));
          if (decision.permit) openings += 1;
          assert.ok(!identityNumbers.some((number) => decision.path.join().includes(number)), 'a path holds an identity number');
        }
      }
    }),
    { numRuns: Number(process.env.FC_RUNS ?? 25) },
  );
  assert.ok(openings > 0, 'the towns were all empty');
});
