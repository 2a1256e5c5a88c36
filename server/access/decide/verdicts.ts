import type { Reader } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import type { VersionedPolicy } from '../store/resources.ts';
import type { LivingSubject, Place, Standing } from '../store/standing.ts';
import { findTies, placeKey, type Tie } from '../store/ties.ts';
import { decide, type Verdict } from './decide.ts';
import { createMemory } from './memory.ts';
import { bookAt, isParticular, isSettled, listedAt } from './remembered-policies.ts';
import { factsOfOne, tiesWanted } from './role-book.ts';
import { wantedFor } from './wanted.ts';

/** What somebody asks to do at a party. */
export interface Act {
  readonly action: string;
  readonly resource: ResourceId;
  readonly party: PartyId;
  readonly instance: string | null;
  /** Nobody in particular: there is no verdict. */
  readonly subject: PartyId | null;
}

interface Given {
  readonly standing: Standing;
  readonly policies: ReadonlyMap<ResourceId, VersionedPolicy>;
}

/** A verdict that holds for every message on the resource, on the versions of party and policy that it was made on. */
interface Remembered {
  readonly version: string;
  readonly policy: string;
  /** In seconds of domain time: then a grant ends that somebody has here. */
  readonly until: number;
  /** The one thing that rules compare of a subject and that may change. */
  readonly orgCode: string | null;
  readonly verdict: Verdict;
}

/** Some 800 bytes each, measured: 40 MB at most. */
const remembered = createMemory<Remembered>(50_000, () => 1);

const keyOf = ({ subject, party, resource, action }: Act) => `${subject} ${party} ${resource} ${action}`;

/** An act of somebody living, on a policy, at a party, all of them known: what there can be a verdict on. */
interface Case {
  readonly act: Act;
  readonly policy: VersionedPolicy;
  readonly place: Place;
  readonly subject: LivingSubject;
  /** False where the asking transaction has changed the party or the policy, or another just did. */
  readonly isSettled: boolean;
}

/** What the rules say of each act, in the order asked; undefined where subject, party or policy is not there, or the party is gone. */
export async function verdictsOn(reader: Reader, acts: readonly Act[], given: Given): Promise<(Verdict | undefined)[]> {
  const cases = acts.map((act) => caseOf(act, given));
  const verdicts = cases.map((each) => each && recall(each, given.standing.now));
  const open = cases.filter((each, i): each is Case => each !== undefined && verdicts[i] === undefined);
  if (open.length === 0) return verdicts;
  const found = await judge(reader, open, given);
  return cases.map((each, i) => verdicts[i] ?? (each && found.get(each)));
}

function caseOf(act: Act, { standing, policies }: Given): Case | undefined {
  const policy = policies.get(act.resource);
  const place = standing.places.get(act.party);
  const subject = act.subject === null ? undefined : standing.subjects.get(act.subject);
  if (!policy || !place || place.isGone || !subject?.alive) return undefined;
  return { act, policy, place, subject, isSettled: !place.isOwn && isSettled(policy, standing) };
}

function recall({ act, policy, place, subject, isSettled }: Case, now: number): Verdict | undefined {
  const known = isSettled ? remembered.get(keyOf(act)) : undefined;
  if (!known || known.version !== place.version || known.policy !== policy.version || known.until <= now) return undefined;
  return known.orgCode === subject.orgCode ? known.verdict : undefined;
}

async function judge(reader: Reader, cases: readonly Case[], { standing, policies }: Given): Promise<Map<Case, Verdict | undefined>> {
  const mayReceive = await listedAt(reader, cases.map(listingOf));
  const wanted = wantedFor(
    policies,
    cases.map(({ act }) => act),
    false,
  );
  const book = await bookAt(reader, standing, wanted);
  const asked = cases.filter((each) => !each.place.isPlain).map(({ place, subject }) => ({ at: place.id, subject: subject.id }));
  const unique = [...new Map(asked.map((each) => [placeKey(each), each])).values()];
  const { ties, withItems } = await findTies(reader, unique, tiesWanted(book, { ...wanted, named: nobody }));
  const tiesAt = Map.groupBy(ties, ({ at, subject }) => placeKey({ at, subject: subject.id }));

  return new Map(
    cases.map((each) => {
      const { act, policy, place, subject } = each;
      const key = placeKey({ at: place.id, subject: subject.id });
      const here = tiesAt.get(key) ?? [];
      const ruled = decide(policy, { ...act, party: place }, factsOfOne(book, wanted, place, subject, here));
      const verdict = mayReceive(listingOf(each)) ? ruled : keptOut(ruled);
      const isGeneral = !withItems.has(key) && !isParticular(policy, act.action);
      if (isGeneral && each.isSettled && !place.isPlain) remember(each, here, verdict);
      return [each, verdict];
    }),
  );
}

const listingOf = ({ policy, place, act }: Case) => ({ policy, place, action: act.action });

/** What the rules permit is denied at a party that is in none of the lists. Source: compatibility.md, platform, §2.6. */
function keptOut(verdict: Verdict): Verdict {
  return verdict.effect === 'permit' ? { ...verdict, effect: 'deny', path: [], byNameOnly: false } : verdict;
}

function remember({ act, policy, place, subject }: Case, ties: readonly Tie[], verdict: Verdict): void {
  const { orgCode } = subject;
  remembered.set(keyOf(act), { version: place.version, policy: policy.version, until: endOf(ties), orgCode, verdict });
}

/** When the first of these grants ends. */
export function endOf(ties: readonly Tie[]): number {
  return ties.reduce((end, tie) => (tie.until !== null && tie.until < end ? tie.until : end), Number.POSITIVE_INFINITY);
}

const nobody = { numbers: [], orgCodes: [], partyIds: [], ids: [] };
