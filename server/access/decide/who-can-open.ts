import type { Reader } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { findStanding, openedKey, type Standing } from '../store/standing.ts';
import { addGivers, findHoldings, type Holding, type Holdings, type Opener } from './holdings.ts';
import { classify, isWarm, type LivingOpener, type OpenabilityClass } from './openability.ts';

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

/** Who can meet one need; machines that may but were not seen to are only counted. */
interface Answer {
  readonly need: Need;
  readonly holding: Holding;
  readonly openers: readonly Opener[];
  readonly possible: number;
}

/** A thing with what is known of its openers, before it is asked who could give what is missing. */
interface Found {
  readonly party: PartyId;
  readonly message: Answer;
  readonly locked: readonly Answer[];
}

/**
 * For each thing: who can open it now, how likely it is to be opened, and, where a right is missing, who could give it.
 * By the same edges as `may`, walked backwards; a rule that permits everybody makes nobody in particular reachable.
 * Answers in the order asked. The access version is read before the facts, so that a change in between shows as a mismatch
 * and never goes unseen. One statement where all was asked before and still holds, a few more where not, whatever the number
 * of things. Whether somebody comes here is read each time.
 * Source: compatibility.md, platform, §2.7.
 */
export async function whoCanOpen(reader: Reader, things: readonly Thing[]): Promise<Openability[]> {
  if (things.length === 0) return [];
  const asked = things.flatMap(({ party, needs }) => needs.map((need) => ({ party, need })));
  const holdings = await findHoldings(reader, asked);
  const found = findOpeners(things, holdings);
  await addGivers(
    reader,
    found.flatMap((each) => missingOf(each).map(({ need, holding }) => ({ party: each.party, need, holding }))),
    holdings,
  );
  await lookAtTheOthers(reader, found, holdings);
  return found.map((each) => openabilityOf(each, holdings));
}

function findOpeners(things: readonly Thing[], { found, standing }: Holdings): Found[] {
  const able = new Map<Holding, readonly Opener[]>();
  let next = 0;
  return things.map(({ party, needs }) => {
    const answers = needs.map((need): Answer => {
      const holding = found[next++]!;
      const openers = able.get(holding) ?? openersOf(holding, standing);
      able.set(holding, openers);
      return { need, holding, openers, possible: holding.holders.length - openers.length };
    });
    const message = answers.find(({ need }) => need.what === 'message') ?? answers[0];
    if (!message) throw new Error('a thing to be opened has at least one need');
    return { party, message, locked: answers.filter((each) => each !== message && !sharesOpener(message, each)) };
  });
}

/** Those who have the right and use it: a machine that was never seen to does not. */
function openersOf({ holders }: Holding, { subjects }: Standing): Opener[] {
  const able = holders.filter(({ opener, isOrganization }) => !isOrganization || subjects.get(opener.party)?.vitality.fetches);
  return able.map(({ opener }) => opener);
}

function sharesOpener(some: Answer, others: Answer): boolean {
  if (some.holding === others.holding || others.holding.everybody) return some.openers.length > 0;
  const able = new Set(others.openers.map((opener) => opener.party));
  return some.openers.some((opener) => able.has(opener.party));
}

/** What is missing: of the message while nobody can open it, and of attachments that are locked. */
function missingOf({ message, locked }: Found): readonly Answer[] {
  return message.openers.length === 0 ? [message, ...locked] : locked;
}

/** Of what was remembered nobody may be warm any longer who was: then it is asked of all others whether they are. */
async function lookAtTheOthers(reader: Reader, found: readonly Found[], holdings: Holdings): Promise<void> {
  const { subjects } = holdings.standing;
  const unknown = found
    .filter((each) => !isProven(each, holdings) && !firstWarm(each, holdings))
    .flatMap(({ message }) => message.openers.filter(({ party }) => !subjects.has(party)).map(({ party }) => party));
  if (unknown.length === 0) return;
  const others = await findStanding(reader, { places: [], subjects: [...new Set(unknown)], resources: [] });
  for (const [id, subject] of others.subjects) subjects.set(id, subject);
}

function isProven({ party, message }: Found, { standing }: Holdings): boolean {
  return standing.opened.has(openedKey(party, message.need.resource));
}

function firstWarm({ message }: Found, holdings: Holdings): Opener | undefined {
  const minLevel = minLevelOf(message, holdings);
  return message.openers.find((opener) => isWarm(livingOf(opener, holdings.standing), minLevel));
}

const minLevelOf = ({ need }: Answer, { policies }: Holdings) => policies.get(need.resource)?.minLevel ?? 0;

function livingOf({ kind, party }: Opener, { subjects }: Standing): LivingOpener {
  return { kind, vitality: subjects.get(party)?.vitality };
}

function openabilityOf(each: Found, holdings: Holdings): Openability {
  const { party, message, locked } = each;
  const [warm, proven] = [firstWarm(each, holdings), isProven(each, holdings)];
  if (warm || !proven) message.holding.warm = warm?.party;
  const grantors = eachOnce(missingOf(each).flatMap(({ holding }) => holding.givers ?? []));
  return {
    class: classify(
      message.openers.map((opener) => livingOf(opener, holdings.standing)),
      grantors.length,
      proven,
      minLevelOf(message, holdings),
    ),
    openers: message.openers,
    possibleSystems: message.possible,
    grantors,
    lockedNeeds: locked.map(({ need }) => need),
    accessVersion: holdings.standing.places.get(party)?.version ?? '0',
  };
}

function eachOnce(givers: readonly Opener[]): readonly Opener[] {
  return givers.length < 2 ? givers : [...new Map(givers.map((giver) => [giver.party, giver])).values()];
}
