import type { Reader } from '#kernel/database.ts';
import type { ResourceId } from '#kernel/ids.ts';
import type { VersionedPolicy } from '../store/resources.ts';
import type { Place, Standing } from '../store/standing.ts';
import { findTies, placeKey, type Tie, type WantedTies } from '../store/ties.ts';
import type { SubjectFacts } from './facts.ts';
import { bookAt, isParticular } from './remembered-policies.ts';
import { factsOfAll, type RoleBook, tiesWanted } from './role-book.ts';
import { type Asked, isNamed, namesParties, type WantedFacts, wantedFor } from './wanted.ts';

/** Something that is asked of everybody at a party that is there, on a resource that is known. */
export interface Case {
  readonly place: Place;
  readonly policy: VersionedPolicy;
  readonly need: Asked;
}

/** An action on a resource, and what must be known to decide on it. */
export interface Topic {
  readonly wanted: WantedFacts;
  readonly book: RoleBook;
  /** Whether rules name parties outright: who they are has no version at the party that is asked about. */
  readonly namesParties: boolean;
  /** Whether rules name single messages or attachments, or the party they are for, so that one answer is not that of others. */
  readonly isParticular: boolean;
}

/** What was read for some cases. */
export interface FactsAt {
  topic(one: Case): Topic;
  of(one: Case): SubjectFacts[];
  /** In seconds of domain time: then the first grant ends that was seen there. */
  until(one: Case): number;
  /** Whether the very item that is asked about was given to somebody. */
  isGiven(one: Case): boolean;
  /** Whether the facts are those of every message on the resource, and change with the party's version only. */
  areGeneral(one: Case): boolean;
}

/** What is known of policies and roles before anybody's rights are read. */
export interface Ground {
  readonly standing: Standing;
  readonly policies: ReadonlyMap<ResourceId, VersionedPolicy>;
}

/**
 * What holds at these parties for anybody, as far as it matters to each case; when `giving`, also who could give the right.
 * One statement, and none where nobody but the parties themselves can have a right.
 */
export async function findFactsAt(reader: Reader, cases: readonly Case[], ground: Ground, giving: boolean): Promise<FactsAt> {
  const topics = await topicsOf(reader, cases, ground, giving);
  const topic = ({ policy, need }: Case): Topic => topics.get(policy)!.get(need.action)!;
  const tied = cases.filter((each) => !each.place.isPlain || topic(each).namesParties);
  const parties = [...new Set(tied.map(({ place }) => place.id))];
  const found = await findTies(
    reader,
    parties.map((at) => ({ at, subject: null })),
    allWanted([...new Set(tied.map(topic))], tied),
  );
  for (const subject of found.subjects) ground.standing.subjects.set(subject.id, subject);
  const tiesAt = Map.groupBy(found.ties, ({ at }) => at);
  const here = ({ place }: Case): readonly Tie[] => tiesAt.get(place.id) ?? none;

  return {
    topic,
    of: (one) => {
      const { wanted, book, namesParties } = topic(one);
      const named = namesParties ? found.named.filter((subject) => isNamed(subject, wanted.named)) : none;
      return factsOfAll(book, wanted, one.place, { ties: here(one), named });
    },
    until: (one) => here(one).reduce((end, { until }) => Math.min(end, until ?? end), Number.POSITIVE_INFINITY),
    isGiven: (one) => one.need.instance !== null && here(one).some((tie) => tie.instance === one.need.instance),
    areGeneral: (one) => !topic(one).namesParties && !found.withItems.has(placeKey({ at: one.place.id, subject: null })),
  };
}

const none: readonly never[] = [];

async function topicsOf(
  reader: Reader,
  cases: readonly Case[],
  { standing, policies }: Ground,
  giving: boolean,
): Promise<Map<VersionedPolicy, Map<string, Topic>>> {
  const topics = new Map<VersionedPolicy, Map<string, Topic>>();
  for (const { policy, need } of cases) {
    const known = topics.get(policy) ?? new Map<string, Topic>();
    topics.set(policy, known);
    if (known.has(need.action)) continue;
    const wanted = wantedFor(policies, [{ ...need, instance: null }], giving);
    const book = await bookAt(reader, standing, wanted); // reads once, whatever the topics
    known.set(need.action, { wanted, book, namesParties: namesParties(wanted), isParticular: isParticular(policy, need.action) });
  }
  return topics;
}

/** What any of these topics wants, of the items that are asked about. */
function allWanted(topics: readonly Topic[], cases: readonly Case[]): WantedTies {
  const all = topics.map(({ book, wanted }) => tiesWanted(book, wanted));
  const union = <T>(some: (one: WantedTies) => readonly T[]): T[] => [...new Set(all.flatMap(some))];
  return {
    roles: union(({ roles }) => roles),
    packages: union(({ packages }) => packages),
    resources: union(({ resources }) => resources),
    instances: [...new Set(cases.flatMap(({ need }) => need.instance ?? []))],
    named: {
      numbers: union(({ named }) => named.numbers),
      orgCodes: union(({ named }) => named.orgCodes),
      partyIds: union(({ named }) => named.partyIds),
      ids: union(({ named }) => named.ids),
    },
  };
}
