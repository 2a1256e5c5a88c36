import type { Reader } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { findStanding } from '../store/standing.ts';
import { decide, permitsEverybody } from './decide.ts';
import type { SubjectFacts } from './facts.ts';
import { type Case, type FactsAt, findFactsAt, type Ground, type Topic } from './facts-at.ts';
import { couldMakeOpen } from './give.ts';
import { createMemory } from './memory.ts';
import { isSettled, listedAt, policiesAt } from './remembered-policies.ts';
import type { Asked } from './wanted.ts';

/** Somebody who has a right, or may give it. */
export interface Opener {
  readonly party: PartyId;
  readonly kind: 'person' | 'system';
  /** How it has the right, or may give it. */
  readonly path: readonly string[];
}

/** Somebody who may do what is needed, whether it ever comes or not. */
export interface Holder {
  readonly opener: Opener;
  readonly isOrganization: boolean;
}

/** Who may meet a need at a party, on the versions that it was found out on. */
export interface Holding {
  readonly version: string;
  readonly policy: string;
  /** In seconds of domain time: then a grant ends that it rests on. */
  until: number;
  readonly holders: readonly Holder[];
  /** Whether anybody at all may: of them only those are holders of whom something is known at the party. */
  readonly everybody: boolean;
  /** Who could give the right, once somebody has wanted to know. */
  givers: readonly Opener[] | undefined;
  /** A holder who was warm when it was last asked: while it still is, nobody has to look at the others. */
  warm: PartyId | undefined;
}

export interface AskedOf {
  readonly party: PartyId;
  readonly need: Asked;
}

export interface Holdings extends Ground {
  /** In the order asked; one object for whatever has the same answer. */
  readonly found: readonly Holding[];
}

/** Some 430 bytes for each unit of weight, measured: 45 MB at most, or 20,000 small organizations. */
const remembered = createMemory<Holding>(100_000, ({ holders, givers }) => 2 + holders.length + (givers?.length ?? 0));

const nobody: Holding = {
  version: '',
  policy: '',
  until: Number.POSITIVE_INFINITY,
  holders: [],
  everybody: false,
  givers: [],
  warm: undefined,
};

/** Of all messages on a resource, or of one. */
const keyOf = ({ party, need }: AskedOf) => `${party} ${need.resource} ${need.action}`;
const keyOfItem = (asked: AskedOf) => `${keyOf(asked)} ${asked.need.instance}`;

/**
 * Who may meet these needs. What was found out before is used where party and policy are as they were; what the asking
 * transaction has changed itself is neither used nor kept. One statement where all is known; else one or two more, and those
 * that read new policies.
 */
export async function findHoldings(reader: Reader, asked: readonly AskedOf[]): Promise<Holdings> {
  const recalled = asked.map((one) => remembered.get(keyOf(one)));
  const places = new Set(asked.map(({ party }) => party));
  const standing = await findStanding(reader, {
    places: [...places],
    subjects: watched(recalled.filter((known) => known !== undefined)).filter((id) => !places.has(id)),
    resources: [...new Set(asked.map(({ need }) => need.resource))],
  });
  const ground: Ground = { standing, policies: await policiesAt(reader, standing) };

  const found = asked.map((one, i): Holding | Case => {
    const each = caseOf(one, ground);
    const known = recalled[i];
    return !each ? nobody : known && isCurrent(known, each, ground) ? known : each;
  });
  const open = found.filter((each) => 'place' in each);
  if (open.length === 0) return { ...ground, found: found as Holding[] };
  const added = await findOut(reader, open, ground);
  return { ...ground, found: found.map((each) => ('place' in each ? added.get(each)! : each)) };
}

/** Of whom it must be known, for what is remembered to be told as it is now: machines that may have come or gone, and somebody warm. */
function watched(holdings: readonly Holding[]): PartyId[] {
  const ids = holdings.flatMap(({ holders, warm }) => [
    ...holders.filter(({ isOrganization }) => isOrganization || warm === undefined).map(({ opener }) => opener.party),
    ...(warm === undefined ? [] : [warm]),
  ]);
  return [...new Set(ids)];
}

function caseOf({ party, need }: AskedOf, { standing, policies }: Ground): Case | undefined {
  const [place, policy] = [standing.places.get(party), policies.get(need.resource)];
  return place && !place.isGone && policy ? { place, policy, need } : undefined;
}

function isCurrent(known: Holding, { place, policy }: Case, { standing }: Ground): boolean {
  if (place.isOwn || !isSettled(policy, standing)) return false;
  return known.version === place.version && known.policy === policy.version && standing.now < known.until;
}

/** Keeps what holds of every message on a resource; what was given to somebody by the item, or by rules that speak of items, holds of one. */
async function findOut(reader: Reader, cases: readonly Case[], ground: Ground): Promise<Map<Case, Holding>> {
  const mayReceive = await listedAt(reader, cases.map(listingOf));
  const isListed = (each: Case) => mayReceive(listingOf(each));
  const facts = await findFactsAt(reader, cases.filter(isListed), ground, false);
  const plain = new Map<Topic, readonly string[] | undefined>();
  const byKey = new Map<string, Holding>();
  return new Map(
    cases.map((each) => {
      if (!isListed(each)) return [each, nobody];
      const topic = facts.topic(each);
      if (isLikeOthers(each, topic)) {
        if (!plain.has(topic)) plain.set(topic, holdersOf(each, facts)[0]?.opener.path);
        return [each, holdingOfPerson(each, plain.get(topic))];
      }
      const asked = { party: each.place.id, need: each.need };
      const ofItem = topic.isParticular || facts.isGiven(each);
      const key = ofItem ? keyOfItem(asked) : keyOf(asked);
      const holding = byKey.get(key) ?? holdingOf(each, holdersOf(each, facts), facts.until(each));
      if (!ofItem && !byKey.has(key) && isWorthKeeping(each, facts, ground)) remembered.set(key, holding);
      byKey.set(key, holding);
      return [each, holding];
    }),
  );
}

const listingOf = ({ policy, place, need }: Case) => ({ policy, place, action: need.action });

/** Whether a person's answer is that of all others in whose matters nobody acts but themselves: it is found out once. */
function isLikeOthers({ place }: Case, topic: Topic): boolean {
  return place.isPlain && place.alive && place.unitType === null && !topic.namesParties && !topic.isParticular;
}

function holdingOfPerson(each: Case, path: readonly string[] | undefined): Holding {
  const holders: Holder[] = path ? [{ opener: { party: each.place.id, kind: 'person', path }, isOrganization: false }] : [];
  return holdingOf(each, holders, Number.POSITIVE_INFINITY);
}

/** Plain persons are found out faster than they are remembered. */
function isWorthKeeping(each: Case, facts: FactsAt, { standing }: Ground): boolean {
  return !each.place.isPlain && !each.place.isOwn && isSettled(each.policy, standing) && facts.areGeneral(each);
}

function holdingOf(each: Case, holders: readonly Holder[], until: number): Holding {
  const { place, policy } = each;
  const everybody = permitsEverybody(policy, askOf(each));
  return { version: place.version, policy: policy.version, until, holders, everybody, givers: undefined, warm: undefined };
}

function holdersOf(each: Case, facts: FactsAt): Holder[] {
  return facts.of(each).flatMap((given): Holder[] => {
    const { effect, path, byNameOnly } = decide(each.policy, askOf(each), given);
    const { id, kind } = given.subject;
    if (effect !== 'permit' || byNameOnly || (each.policy.demandsPerson && kind !== 'person')) return [];
    return [{ opener: { party: id, kind: kind === 'person' ? 'person' : 'system', path }, isOrganization: kind === 'organization' }];
  });
}

const askOf = ({ place, need }: Case) => ({ action: need.action, resource: need.resource, instance: need.instance, party: place });

/** Finds out who could give what these needs take, where it is not known. One statement at most. */
export async function addGivers(
  reader: Reader,
  missing: readonly (AskedOf & { readonly holding: Holding })[],
  ground: Ground,
): Promise<void> {
  const open = new Map<Holding, Case>();
  for (const one of missing) {
    const each = caseOf(one, ground);
    if (each && !one.holding.givers) open.set(one.holding, each);
  }
  if (open.size === 0) return;
  const facts = await findFactsAt(reader, [...open.values()], ground, true);
  for (const [holding, each] of open) {
    holding.givers = giversTo(each, facts.of(each));
    holding.until = Math.min(holding.until, facts.until(each));
    const key = keyOf({ party: each.place.id, need: each.need });
    if (remembered.get(key) === holding) remembered.set(key, holding); // it weighs more now
  }
}

function giversTo(each: Case, facts: readonly SubjectFacts[]): Opener[] {
  if (decide(each.policy, askOf(each), stranger(each.place.id)).effect === 'deny') return [];
  return facts.flatMap((given) => {
    const path = couldMakeOpen(each.policy, askOf(each), given);
    return path ? [{ party: given.subject.id, kind: 'person' as const, path }] : [];
  });
}

/** A person of whom nothing holds: where the rules deny even this one, no gift opens anything. */
function stranger(at: PartyId): SubjectFacts {
  return { at, subject: { id: '' as PartyId, kind: 'person', number: null, orgCode: null, partyId: 0 }, facts: [] };
}
