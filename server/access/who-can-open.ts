import type { Reader } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { type Ask, decide } from './decide.ts';
import type { Subject, SubjectFacts } from './facts.ts';
import { couldMakeOpen } from './give.ts';
import { classify, type OpenabilityClass } from './openability.ts';
import { attribute, category, type Policy, valuesNamed } from './policy.ts';
import { findFacts } from './store/facts.ts';
import { findOpened, findVitality, openedKey, type Vitality } from './store/openings.ts';
import { findMembers, findPolicies, memberKey } from './store/resources.ts';
import { findVersionedParties, type VersionedParty } from './store/versions.ts';
import { wantedFor } from './wanted.ts';

/** A right that is needed to open something: the message's own, and one for each resource of its attachments. */
export interface Need {
  readonly resource: ResourceId;
  readonly action: string;
  /** The message or the attachment; null to ask of any. */
  readonly instance: string | null;
  readonly what: 'message' | 'attachment';
}

/** Something that lies at a party to be opened. */
export interface Thing {
  readonly party: PartyId;
  readonly needs: readonly Need[];
}

export interface Opener {
  readonly party: PartyId;
  readonly kind: 'person' | 'system';
  /** How it has the right, or may give it. */
  readonly path: readonly string[];
}

export interface Openability {
  readonly class: OpenabilityClass;
  /** Persons and systems that can open the message now. */
  readonly openers: readonly Opener[];
  /** Organizations that could open by machine but have not been seen to fetch in the last 30 days. */
  readonly possibleSystems: number;
  /** Persons who could give the right that is missing: of the message while nobody can open it, and of attachments that are locked. */
  readonly grantors: readonly Opener[];
  /** Attachments that no opener of the message can open. */
  readonly lockedNeeds: readonly Need[];
  /** The party's access version (int8) that this was computed on. */
  readonly accessVersion: string;
}

/** What was read for all things of one call. */
interface World {
  readonly policies: ReadonlyMap<ResourceId, Policy>;
  readonly parties: ReadonlyMap<PartyId, VersionedParty>;
  readonly members: ReadonlySet<string>;
  readonly facts: ReadonlyMap<PartyId, readonly SubjectFacts[]>;
  readonly vitality: ReadonlyMap<PartyId, Vitality>;
  readonly opened: ReadonlySet<string>;
}

/** Who can meet one need; machines that may but were not seen to are only counted. */
interface Answer {
  readonly openers: readonly Opener[];
  readonly possible: number;
}

/** A thing with what is known of its openers, before it is asked who could give what is missing. */
interface Found {
  readonly thing: Thing;
  readonly message: Need;
  readonly answer: Answer;
  readonly lockedNeeds: readonly Need[];
}

/**
 * For each thing: who can open it now, how likely it is to be opened, and, where a right is missing, who could give it.
 * By the same edges as `may`, walked backwards; a rule that permits everybody makes nobody in particular reachable.
 * Answers in the order asked. The access version is read before the facts, so that a change in between shows as a mismatch
 * and never goes unseen. Five statements, one more for access lists and one where a right is missing, whatever the number of
 * things.
 * Source: compatibility.md, platform, §2.7.
 */
export async function whoCanOpen(reader: Reader, things: readonly Thing[]): Promise<Openability[]> {
  if (things.length === 0) return [];
  const world = await readWorld(reader, things);
  const answer = remembering(world, (at, need) => answerTo(world, at, need));
  const found = things.map((thing) => findOpeners(thing, (need) => answer(thing.party, need)));
  const grantors = await grantorsOf(reader, world, found);
  return found.map((each, i) => openabilityOf(each, world, grantors[i] ?? []));
}

async function readWorld(reader: Reader, things: readonly Thing[]): Promise<World> {
  const ids = [...new Set(things.map((thing) => thing.party))];
  const needs = things.flatMap((thing) => thing.needs);
  const resources = [...new Set(needs.map((need) => need.resource))];
  const parties = await findVersionedParties(reader, ids);
  const policies = await findPolicies(reader, resources);
  const lists = [...new Set([...policies.values()].flatMap(({ accessList }) => (accessList === null ? [] : [accessList])))];
  const members = await findMembers(reader, lists, ids);
  const facts = Map.groupBy(await findFacts(reader, ids, wantedFor(policies, needs, false)), ({ at }) => at);
  const subjects = new Set([...facts.values()].flatMap((some) => some.map(({ subject }) => subject.id)));
  const vitality = await findVitality(reader, [...subjects]);
  const opened = await findOpened(reader, ids, resources);
  return { policies, parties, members, facts, vitality, opened };
}

/** Things at one party that need the same get one answer; which item it is matters only where an item was given or is named by a rule. */
function remembering<T>(world: World, work: (at: PartyId, need: Need) => T): (at: PartyId, need: Need) => T {
  const known = new Map<string, { readonly is: T }>();
  return (at, need) => {
    const key = `${at} ${need.resource} ${need.action} ${isParticular(world, at, need) ? need.instance : ''}`;
    const answer = known.get(key) ?? { is: work(at, need) };
    known.set(key, answer);
    return answer.is;
  };
}

function isParticular(world: World, at: PartyId, { resource, instance }: Need): boolean {
  const rules = world.policies.get(resource)?.rules ?? [];
  if (valuesNamed(rules, [attribute.instance], category.resource).length > 0) return true;
  return (world.facts.get(at) ?? []).some(({ facts }) => facts.some((fact) => fact.kind === 'grant' && fact.instance === instance));
}

/** What is asked when a need is to be met at a party, or undefined where no right can exist. */
function askFor(world: World, at: PartyId, need: Need): { policy: Policy; ask: Ask } | undefined {
  const policy = world.policies.get(need.resource);
  const party = world.parties.get(at);
  if (!policy || !party || !isListed(world, policy, party)) return undefined;
  return { policy, ask: { action: need.action, resource: need.resource, instance: need.instance, party } };
}

function isListed(world: World, { accessList }: Policy, party: Subject): boolean {
  if (accessList === null) return true;
  return party.kind === 'organization' && world.members.has(memberKey(accessList, party.id));
}

function answerTo(world: World, at: PartyId, need: Need): Answer {
  const asked = askFor(world, at, need);
  if (!asked) return { openers: [], possible: 0 };
  const openers: Opener[] = [];
  let possible = 0;
  for (const given of world.facts.get(at) ?? []) {
    const { effect, path } = decide(asked.policy, asked.ask, given);
    if (effect !== 'permit') continue;
    const { id, kind } = given.subject;
    if (kind === 'organization' && !world.vitality.get(id)?.fetches) possible += 1;
    else openers.push({ party: id, kind: kind === 'person' ? 'person' : 'system', path });
  }
  return { openers, possible };
}

function findOpeners(thing: Thing, answer: (need: Need) => Answer): Found {
  const message = thing.needs.find((need) => need.what === 'message') ?? thing.needs[0];
  if (!message) throw new Error('a thing to be opened has at least one need');
  const own = answer(message);
  const lockedNeeds = thing.needs.filter((need) => need !== message && !sharesOpener(own, answer(need)));
  return { thing, message, answer: own, lockedNeeds };
}

function sharesOpener(some: Answer, others: Answer): boolean {
  if (some === others) return some.openers.length > 0;
  const able = new Set(others.openers.map((opener) => opener.party));
  return some.openers.some((opener) => able.has(opener.party));
}

/** For each thing those who could give what is missing; nobody is asked for where nothing is. */
async function grantorsOf(reader: Reader, world: World, found: readonly Found[]): Promise<Opener[][]> {
  const missing = found.map(({ message, answer, lockedNeeds }) => (answer.openers.length === 0 ? [message, ...lockedNeeds] : lockedNeeds));
  const ids = [...new Set(found.flatMap(({ thing }, i) => (missing[i]!.length > 0 ? [thing.party] : [])))];
  if (ids.length === 0) return [];
  const facts = Map.groupBy(await findFacts(reader, ids, wantedFor(world.policies, missing.flat(), true)), ({ at }) => at);
  const givers = remembering(world, (at, need) => giversTo(world, facts.get(at) ?? [], at, need));
  return found.map(({ thing }, i) => {
    const all = missing[i]!.flatMap((need) => givers(thing.party, need));
    return [...new Map(all.map((giver) => [giver.party, giver])).values()];
  });
}

function giversTo(world: World, facts: readonly SubjectFacts[], at: PartyId, need: Need): Opener[] {
  const asked = askFor(world, at, need);
  if (!asked || decide(asked.policy, asked.ask, stranger(at)).effect === 'deny') return [];
  return facts.flatMap((given) => {
    const path = couldMakeOpen(asked.policy, asked.ask, given);
    return path ? [{ party: given.subject.id, kind: 'person' as const, path }] : [];
  });
}

/** A person of whom nothing holds: where the rules deny even this one, no gift opens anything. */
function stranger(at: PartyId): SubjectFacts {
  return { at, subject: { id: '' as PartyId, kind: 'person', number: null, orgCode: null, partyId: 0 }, facts: [] };
}

function openabilityOf({ thing, message, answer, lockedNeeds }: Found, world: World, grantors: readonly Opener[]): Openability {
  const living = answer.openers.map(({ kind, party }) => ({ kind, vitality: world.vitality.get(party) }));
  const proven = world.opened.has(openedKey(thing.party, message.resource));
  return {
    class: classify(living, grantors.length, proven, world.policies.get(message.resource)?.minLevel ?? 0),
    openers: answer.openers,
    possibleSystems: answer.possible,
    grantors,
    lockedNeeds,
    accessVersion: world.parties.get(thing.party)?.version ?? '0',
  };
}
