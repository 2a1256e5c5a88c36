import type { Caller, Context } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { delegationErrors } from '../delegation/errors.ts';
import { administeredParty } from '../delegation/sides.ts';
import { accessErrors } from '../errors.ts';
import { callingPerson } from '../grants/create-grant.ts';
import { demandAdministeringLogin, factsOfGiver, onlyAdministering } from '../grants/right-to-give.ts';
import { type Covered, findCoverage, readRights, type Viewer } from './find-coverage.ts';
import type { Right } from './rights.ts';
import { type Face, listFaces, listServices, listUnits, type Unit } from './store.ts';

const mostUnits = 5000;
const mostServices = 2000;
const pageSize = 20;
/** Questions that one request asks at most, so that it is answered soon whatever the size of the tree. */
const mostQuestions = 4000;

export interface CoverageQuestion {
  readonly party: PartyId;
  /** Where the last page ended. */
  readonly after?: string | undefined;
  /** Units at which somebody can open everything are left out. */
  readonly onlyUnwatched: boolean;
  /** What lies unread at these units. Asked of what stands above access. */
  readonly unreadAt: (reader: Reader, units: readonly PartyId[]) => Promise<Lying>;
}

export interface Lying {
  /** How much of it is on this service. */
  count(unit: PartyId, resource: ResourceId): number;
  /** Whether all of it was counted. */
  isWhole(unit: PartyId): boolean;
  readonly units: ReadonlySet<PartyId>;
}

export interface CoveredUnit {
  readonly unit: Unit;
  /** Whether the caller administers access there, and may be told who it is. */
  readonly isAdministered: boolean;
  readonly rights: readonly Covered[];
  readonly lying: Lying;
}

export interface CoverageOfTree {
  readonly by: PartyId;
  readonly units: readonly CoveredUnit[];
  /** Whoever is named in the units, by id. */
  readonly faces: ReadonlyMap<PartyId, Face>;
  readonly total: number;
  readonly leftOut: number;
  /** Units of the tree past those that are looked at. */
  readonly unitsLeftOut: number;
  readonly next: string | null;
}

/**
 * For those who administer access at an organization: who can open what at it and at each unit below it; of closed ones at those where
 * something still lies unread. First the units where post on
 * some service would be opened by nobody, then the others, each in the order of the tree; a page may be short, and is the last when
 * `next` is null.
 * Refuses callerNotPerson, loginTooLow, notAdministrator, pageTokenUnreadable.
 */
export async function readCoverage(ctx: Context, caller: Caller, question: CoverageQuestion): Promise<CoverageOfTree> {
  const by = callingPerson(caller);
  demandAdministeringLogin(caller);
  return ctx.db.transaction(async (tx) => {
    const root = await administeredParty(tx, by, question.party);
    if (root.kind !== 'organization') throw refuse(delegationErrors.notAdministrator);
    const all = await whereSomethingIs(tx, await listUnits(tx, root.id), question);
    const found = all.slice(0, mostUnits);
    const services = await listServices(tx, mostServices + 1);
    const rights = await readRights(tx, services.slice(0, mostServices));
    const viewer = { by, authLevel: caller.authLevel };
    const page = await scan(tx, found, rights, { ...question, viewer, at: placeOf(question.after, found) });
    const ids = page.units.map(({ unit }) => unit.id);
    const administered = await factsOfGiver(tx, by, ids, onlyAdministering);
    const isAdministered = (id: PartyId) => administered.get(id)?.facts.some(({ kind }) => kind === 'administrator') ?? false;
    const named = page.units.flatMap((each) => each.rights.flatMap(({ openers, grantors }) => [...openers, ...grantors]));
    const faces = await listFaces(tx, [...new Set(named.map(({ party }) => party))]);
    return {
      by,
      units: page.units.map((each) => ({ ...each, isAdministered: isAdministered(each.unit.id) })),
      faces: new Map(faces.map((face) => [face.id, face])),
      total: all.length,
      unitsLeftOut: all.length - found.length,
      leftOut: Math.max(0, services.length - mostServices),
      next: page.next,
    };
  });
}

/** The units that live, and closed ones where something lies. */
async function whereSomethingIs(reader: Reader, units: readonly Unit[], { unreadAt }: CoverageQuestion): Promise<Unit[]> {
  const closed = units.filter(({ alive, parent }) => !alive && parent !== null).map(({ id }) => id);
  const lying = closed.length > 0 ? (await unreadAt(reader, closed)).units : new Set();
  return units.filter(({ id, alive, parent }) => alive || parent === null || lying.has(id));
}

const passes = ['unwatched', 'watched'] as const;
type Pass = (typeof passes)[number];

/** Where a page begins: in which of the two passes through the tree, and with which unit. */
interface Place {
  readonly pass: Pass;
  readonly index: number;
}

const written = (pass: Pass, id: PartyId): string => `${pass}.${id}`;

/** Refuses pageTokenUnreadable: also for a unit that is in the tree no longer. */
function placeOf(after: string | undefined, units: readonly Unit[]): Place {
  if (after === undefined) return { pass: 'unwatched', index: 0 };
  const [name, id] = after.split('.');
  const pass = passes.find((each) => each === name);
  const last = units.findIndex((unit) => unit.id === id);
  if (!pass || last < 0) throw refuse(accessErrors.pageTokenUnreadable);
  return { pass, index: last + 1 };
}

interface Scanned {
  readonly units: readonly Omit<CoveredUnit, 'isAdministered'>[];
  readonly next: string | null;
}

/** Goes through the tree from a place on until a page is full, or as much was asked as one request may. */
async function scan(
  reader: Reader,
  units: readonly Unit[],
  rights: readonly Right[],
  {
    at,
    onlyUnwatched,
    viewer,
    unreadAt,
  }: Pick<CoverageQuestion, 'onlyUnwatched' | 'unreadAt'> & { readonly at: Place; readonly viewer: Viewer },
): Promise<Scanned> {
  const services = rights.flatMap((right) => right.services);
  const classes = new Set(services.map(({ policyClass }) => policyClass)).size;
  const most = (all: number, each: number) => Math.floor(all / Math.max(1, each));
  const atOnce = Math.max(1, Math.min(100, most(mostQuestions / 2, classes), most(mostQuestions * 10, services.length)));
  const kept: Omit<CoveredUnit, 'isAdministered'>[] = [];
  let { pass, index } = at;
  for (let asked = 0; ; ) {
    if (index >= units.length) {
      if (pass === 'watched' || onlyUnwatched) return { units: kept, next: null };
      [pass, index] = ['watched', 0];
      continue;
    }
    if (asked > 0 && asked + atOnce * classes > mostQuestions) break;
    const some = units.slice(index, index + atOnce);
    asked += some.length * classes + 1;
    const ids = some.map(({ id }) => id);
    const lying = await unreadAt(reader, ids);
    const lies = (unit: PartyId, resource: ResourceId) => lying.count(unit, resource) > 0;
    const covered = await findCoverage(reader, ids, rights, { viewer, lies });
    for (const unit of some) {
      if (kept.length === pageSize) break;
      index += 1;
      const here = inOrder(covered.get(unit.id) ?? []);
      const isUnwatched = here.some(({ unwatched }) => unwatched > 0);
      if (isUnwatched === (pass === 'unwatched')) kept.push({ unit, rights: here, lying });
    }
    if (kept.length === pageSize) break;
  }
  if (index >= units.length && (pass === 'watched' || onlyUnwatched)) return { units: kept, next: null };
  // the second pass, not begun yet, begins where the first one ended
  return { units: kept, next: index === 0 ? written('unwatched', units.at(-1)!.id) : written(pass, units[index - 1]!.id) };
}

const kinds = ['confidential', 'ordinary', 'files'];

/** What nobody watches first; confidential post before other. */
function inOrder(rights: readonly Covered[]): Covered[] {
  const rank = ({ unwatched, right }: Covered) => (unwatched > 0 ? 0 : 10) + kinds.indexOf(right.kind);
  return rights.toSorted((a, b) => rank(a) - rank(b) || (a.right.key < b.right.key ? -1 : 1));
}
