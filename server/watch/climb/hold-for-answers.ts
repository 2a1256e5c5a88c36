import type { Tx } from '#kernel/database.ts';
import { hook } from '#kernel/hook.ts';
import type { PartyId } from '#kernel/ids.ts';
import { postponeSteps } from '../store/step.ts';
import { decideStep } from './decide-step.ts';
import type { Scene, WatchScene } from './scene.ts';
import { standing } from './take-step.ts';

/** Asked when people are about to be told: of those whose addresses are being asked for elsewhere, when it is worth coming again. */
export const onPeopleToTell = hook<[tx: Tx, people: readonly PartyId[]], ReadonlyMap<PartyId, Date>>();

const towardPeople = ['openers', 'grantors', 'key-roles', 'fallback'];

/**
 * Puts off the claimed steps that turn to somebody whose addresses are not known yet; they stay due, so that the post waits and nobody
 * counts as unreachable meanwhile. Answers their ids.
 */
export async function holdForAnswers(tx: Tx, scene: Scene, claimed: ReadonlySet<string>): Promise<ReadonlySet<string>> {
  if (!onPeopleToTell.isFilled) return new Set();
  const asking = scene.watches.flatMap((watch) =>
    watch.steps
      .filter((step) => step.state === 'due' && claimed.has(step.id) && towardPeople.includes(step.spec.who))
      .filter(({ spec }) => spec.channel !== 'inbox' && decideStep(spec, standing(watch)).kind === 'act')
      .map((step) => ({ id: step.id, people: peopleOf(scene, watch, step.orderId) })),
  );
  if (asking.length === 0) return new Set();
  const until = (await onPeopleToTell.call(tx, [...new Set(asking.flatMap(({ people }) => people))])) ?? new Map<PartyId, Date>();
  const held = asking.flatMap(({ id, people }) => {
    const waits = people.flatMap((person) => until.get(person) ?? []);
    return waits.length > 0 ? [{ id, until: new Date(Math.max(...waits.map((each) => each.getTime()))) }] : [];
  });
  if (held.length > 0) postponeSteps(tx, held);
  return new Set(held.map(({ id }) => id));
}

function peopleOf({ orders }: Scene, { item, openability, keyRoles, fallback }: WatchScene, orderId: string | null): PartyId[] {
  const custom = (orderId && orders.get(orderId)?.custom) || [];
  const named = custom.flatMap((one) => ('party' in one && one.party !== null ? [one.party] : []));
  const others = [...openability.openers, ...openability.grantors].map(({ party }) => party);
  return [item.party, ...others, ...keyRoles, ...(fallback === null ? [] : [fallback]), ...named];
}
