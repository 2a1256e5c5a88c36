import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId, type PartyId, type ResourceId } from '#kernel/ids.ts';
import { Refusal } from '#kernel/refusal.ts';
import { findParties, type Party } from '#register/index.ts';
import { organizationCaller, scopes } from '../../../test/world.ts';
import { attribute, category, matching, type Policy, type Rule } from '../../access/policy.ts';
import { saveResources } from '../../access/seed/save-resources.ts';
import { couldGive, readsBy, type SmallTown, slowlyKnown } from '../../access/testing/reference.ts';
import { Random } from '../../access/testing/worlds/random.ts';
import { makeSlots, resourceRow, type Slot } from '../../access/testing/worlds/slot.ts';
import { makeWorld, policyOf, type SmallWorld, townAt } from '../../access/testing/worlds/small-world.ts';
import { writeChanges } from '../../access/testing/worlds/write-world.ts';
import { createTown, letter } from '../testing/town.ts';
import { initializeCorrespondence } from './initialize-correspondence.ts';

/** What becomes of confidential post that nobody can open, in worlds that are made up at random; who could is found out the slow way. */
const { world } = await createTown();
const choices = ['refuse', 'accept', 'fallback', undefined] as const;
type Choice = (typeof choices)[number];
const confidential = ['post-til-virksomheten-med-taushetsbelagt-innhold', 'eksplisitt'];

/** Rules of the world, and one that makes the post confidential. */
function sealedRules(random: Random, { rules }: SmallWorld['message']): Rule[] {
  const match = { category: category.subject, attribute: attribute.package, match: matching.equal, value: random.pick(confidential) };
  const sealing: Rule = { effect: 'permit', actions: ['read'], target: [[[match]]] };
  return random.chance(0.5) ? [sealing] : [...rules, sealing];
}

/** Whether anybody at all could open it or let somebody in. */
function isWithinReach(town: SmallTown, policy: Policy, slot: Slot, at: PartyId, letterId: string): boolean {
  return slot.inhabitants.some(({ id: subject, kind }) => {
    const facts = slowlyKnown(town, subject, at);
    const ask = { subject, at, instance: letterId };
    if (facts === undefined) return false;
    const fetches = kind !== 'organization' || slot.fetching.has(subject);
    return (fetches && readsBy(town, policy, ask, facts)) || couldGive(town, policy, ask, facts);
  });
}

test('given confidential post in any world, when it is sent, then it is accepted exactly where somebody can open it, or could let somebody in, or its resource says so', async () => {
  const slots = await makeSlots(world.db, 60);
  const owner = (await findParties(world.db, [slots[0]!.owner])).get(slots[0]!.owner)!;
  const sender = organizationCaller(owner, scopes.sender);
  const standing = slots.map((slot, i) => {
    const random = new Random(4711 + i);
    const made = makeWorld(random, slot);
    const message = { ...made.message, rules: sealedRules(random, made.message) };
    return { slot, after: { ...made, message }, before: undefined, choice: random.pick(choices) };
  });
  const never = new Date('2999-01-01T00:00:00Z');
  await world.db.transaction(async (tx) => {
    writeChanges(tx, standing, (step) => (step === 0 ? new Date('2020-01-01T00:00:00Z') : never));
    saveResources(
      tx,
      standing.map(({ slot, after, choice }) => {
        const accessList = after.message.named ? slot.lists[0] : null;
        return { ...resourceRow(slot.message, slot.owner, { rules: after.message.rules, accessList }), ...unreachableBy(choice, owner) };
      }),
    );
  });
  const recipients = await findParties(
    world.db,
    slots.flatMap(({ organizations }) => organizations),
  );

  const seen = { reached: 0, refused: 0, allowed: 0 };
  for (const { slot, after, choice } of standing) {
    const town = townAt(after, 0, slot);
    const policy = policyOf(after.message, slot.message, slot);
    for (const at of slot.organizations) {
      if (!town.parties.find(({ id }) => id === at)!.alive) continue; // refused before anybody asks who can open
      const { accepted, code } = await send(sender, slot.message, recipients.get(at)!);
      const reached = isWithinReach(town, policy, slot, at, accepted ?? newId());
      const allowed = choice === 'accept' || choice === 'fallback';
      assert.equal(
        accepted !== undefined,
        reached || allowed,
        `${choice}, ${reached ? 'somebody could' : 'nobody could'}, answered ${code}`,
      );
      if (accepted === undefined) assert.equal(code, 1044);
      seen[reached ? 'reached' : allowed ? 'allowed' : 'refused'] += 1;
    }
  }
  for (const times of Object.values(seen)) assert.ok(times >= 20, JSON.stringify(seen));
});

function unreachableBy(choice: Choice, fallback: Party) {
  return choice === undefined ? {} : { unreachable: choice, fallback: choice === 'fallback' ? fallback.id : null };
}

async function send(
  sender: ReturnType<typeof organizationCaller>,
  resourceId: ResourceId,
  to: Party,
): Promise<{ accepted?: string; code?: number }> {
  const body = letter([to], { resourceId, isConfidential: true });
  try {
    const { correspondences } = await initializeCorrespondence(world.ctx, sender, { body, files: [] });
    return { accepted: correspondences[0]!.correspondenceId };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { code: error.row.code };
  }
}
