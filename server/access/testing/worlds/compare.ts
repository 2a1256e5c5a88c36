import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import type { Fact, Subject } from '../../decide/facts.ts';
import { mayEach } from '../../decide/may.ts';
import { type Openability, type Thing, whoCanOpen } from '../../decide/who-can-open.ts';
import type { Policy } from '../../policy.ts';
import { couldGive, mayBy, readsBy, type SmallTown, slowlyKnown } from '../reference.ts';
import type { Slot } from './slot.ts';
import { policyOf, type SmallWorld, townAt } from './small-world.ts';

/** How a world stands at a step, to be asked about. */
export interface Standing {
  readonly slot: Slot;
  readonly world: SmallWorld;
  readonly step: number;
}

/** What was found, for a run to say that it has tried something. */
export interface Tally {
  questions: number;
  permits: number;
  agents: number;
  sealed: number;
  unreachable: number;
  locked: number;
}

export const emptyTally = (): Tally => ({ questions: 0, permits: 0, agents: 0, sealed: 0, unreachable: 0, locked: 0 });

/**
 * Asks both questions of access about everybody everywhere in these worlds, and walks each of them the slow way. Says for each
 * world what does not agree; undefined where all does.
 */
export async function compareWorlds(reader: Reader, standings: readonly Standing[], tally: Tally): Promise<(string | undefined)[]> {
  const things = standings.map((each) =>
    each.slot.inhabitants.filter(({ kind }) => kind !== 'system-user').map(({ id }) => thingAt(each, id)),
  );
  const found = await whoCanOpen(reader, things.flat());
  const asked = standings.flatMap(({ slot }, i) =>
    slot.inhabitants.flatMap(({ id: actor, kind }) =>
      things[i]!.flatMap(({ party, needs }) =>
        needs.map(({ resource, instance }) => {
          const caller = callerOf(actor, kind);
          return { caller, question: { action: 'read', resource, party, instance: instance! } };
        }),
      ),
    ),
  );
  const decisions = await mayEach(reader, asked);
  tally.questions += asked.length;

  let [nextThing, nextDecision] = [0, 0];
  return standings.map((standing, i) => {
    const here = things[i]!;
    const openabilities = found.slice(nextThing, nextThing + here.length);
    const count = standing.slot.inhabitants.length * here.length * 2;
    const permits = decisions.slice(nextDecision, nextDecision + count).map(({ permit, by, path }): Effect => {
      if (permit) tally.permits += 1;
      if (path.some((each) => each.startsWith('agent of'))) tally.agents += 1;
      return !permit ? 'not' : by === 'right' ? 'as a reader' : 'by name only';
    });
    nextThing += here.length;
    nextDecision += count;
    return disagreement(standing, here, openabilities, permits, tally);
  });
}

function callerOf(party: PartyId, kind: Subject['kind']): Caller {
  const scopes = new Set(['altinn:portal/enduser', 'altinn:correspondence.read']);
  return { kind, issuer: 'altinn', subject: party, party, consumer: null, scopes, authLevel: 4, clientId: null };
}

/** Of one resource two letters are asked about in turn: what is remembered of the one must not be told of the other. */
const itemOf = ({ slot, step }: Standing, p: number) => (p === 1 ? slot.file : step % 2 === 0 ? slot.letter : slot.other);

function thingAt(standing: Standing, party: PartyId): Thing {
  const { message, attachment } = standing.slot;
  return {
    party,
    needs: [
      { resource: message, action: 'read', instance: itemOf(standing, 0), what: 'message' },
      { resource: attachment, action: 'read', instance: itemOf(standing, 1), what: 'attachment' },
    ],
  };
}

/** How somebody may, if it may. */
type Effect = 'not' | 'as a reader' | 'by name only';

interface Expected {
  readonly openers: readonly PartyId[];
  readonly idle: number;
  readonly grantors: readonly PartyId[];
  readonly locked: boolean;
}

function disagreement(
  standing: Standing,
  things: readonly Thing[],
  found: readonly Openability[],
  permits: readonly Effect[],
  tally: Tally,
): string | undefined {
  const { slot, world, step } = standing;
  const town = townAt(world, step, slot);
  const policies = [policyOf(world.message, slot.message, slot), policyOf(world.attachment, slot.attachment, slot)] as const;
  for (const [t, { party }] of things.entries()) {
    const known = slot.inhabitants.map(({ id }) => slowlyKnown(town, id, party));
    const may = policies.map((policy, p) =>
      known.map((facts, a): Effect => {
        const ask = { subject: slot.inhabitants[a]!.id, at: party, instance: itemOf(standing, p) };
        if (facts === undefined || !mayBy(town, policy, ask, facts)) return 'not';
        return readsBy(town, policy, ask, facts) ? 'as a reader' : 'by name only';
      }),
    );
    for (const [a, { id, kind }] of slot.inhabitants.entries())
      for (const p of [0, 1]) {
        const permit = permits[a * things.length * 2 + t * 2 + p];
        if (permit !== may[p]![a]) return `may(${kind} ${id} at ${party}, ${policies[p]!.id}) says ${permit}, not ${may[p]![a]}`;
      }
    const expected = expectedAt(standing, town, policies, { party, known, may });
    const wrong = difference(found[t]!, expected);
    if (wrong) return `whoCanOpen at ${party}: ${wrong}`;
    if (expected.openers.length === 0) tally.sealed += 1;
    if (expected.openers.length + expected.grantors.length === 0) tally.unreachable += 1;
    if (expected.locked) tally.locked += 1;
  }
  return undefined;
}

function expectedAt(
  standing: Standing,
  town: SmallTown,
  policies: readonly Policy[],
  { party, known, may }: { party: PartyId; known: readonly (Fact[] | undefined)[]; may: readonly (readonly Effect[])[] },
): Expected {
  const { slot } = standing;
  const people = slot.inhabitants;
  const usable = (a: number) => people[a]!.kind !== 'organization' || slot.fetching.has(people[a]!.id);
  const able = (p: number) => people.flatMap(({ id }, a) => (may[p]![a] === 'as a reader' && usable(a) ? [id] : []));
  const [openers, ofFile] = [able(0), able(1)];
  const locked = !openers.some((id) => ofFile.includes(id));
  const missing = [...(openers.length === 0 ? [0] : []), ...(locked ? [1] : [])];
  const grantors = people.flatMap(({ id }, a) => {
    const facts = known[a];
    const could = (p: number) =>
      facts !== undefined && couldGive(town, policies[p]!, { subject: id, at: party, instance: itemOf(standing, p) }, facts);
    return missing.some(could) ? [id] : [];
  });
  return { openers, idle: may[0]!.filter((effect, a) => effect === 'as a reader' && !usable(a)).length, grantors, locked };
}

function difference(found: Openability, expected: Expected): string | undefined {
  const [openers, grantors] = [found.openers.map(({ party }) => party), found.grantors.map(({ party }) => party)];
  if (!sameSet(openers, expected.openers)) return `opens [${openers}], not [${expected.openers}]`;
  if (found.possibleSystems !== expected.idle) return `${found.possibleSystems} idle machines, not ${expected.idle}`;
  if (!sameSet(grantors, expected.grantors)) return `gives [${grantors}], not [${expected.grantors}]`;
  if (found.lockedNeeds.length > 0 !== expected.locked) return `attachment locked: ${!expected.locked}`;
  const sealed = expected.openers.length > 0 ? 'open' : expected.grantors.length > 0 ? 'GRANTABLE' : 'UNREACHABLE';
  const said = found.class === 'GRANTABLE' || found.class === 'UNREACHABLE' ? found.class : 'open';
  return said === sealed ? undefined : `${found.class}, not ${sealed}`;
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each) => b.includes(each));
}
