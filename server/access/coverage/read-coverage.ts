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
import { countUnits, type Face, listFaces, listUnits, type Path, pathTo, type Unit } from './store.ts';

const pageSize = 20;
/** Lines of one page, so that it is soon sent where each unit has many; of one unit all are told. */
const mostLines = 2000;
/** Closed units that are looked at in one go. */
const closedAtOnce = 500;
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
  /** How many units are told of in all; null but on the first page. */
  readonly total: number | null;
  readonly next: string | null;
}

/**
 * For those who administer access at an organization: who can open what at it and at each unit below it; of closed ones at those where
 * something still lies unread. First the units where post on some service would be opened by nobody, then the others, each in the order of
 * the tree, which is read in pieces by key; a page may be short, and is the last when `next` is null.
 * Refuses callerNotPerson, loginTooLow, notAdministrator, pageTokenUnreadable.
 */
export async function readCoverage(ctx: Context, caller: Caller, question: CoverageQuestion): Promise<CoverageOfTree> {
  const by = callingPerson(caller);
  demandAdministeringLogin(caller);
  return ctx.db.transaction(async (tx) => {
    const root = await administeredParty(tx, by, question.party);
    if (root.kind !== 'organization') throw refuse(delegationErrors.notAdministrator);
    const at = await placeOf(tx, root.id, question.after);
    const rights = await readRights(tx);
    const viewer = { by, authLevel: caller.authLevel };
    const page = await scan(tx, root.id, rights, { ...question, viewer, at });
    const ids = page.units.map(({ unit }) => unit.id);
    const administered = await factsOfGiver(tx, by, ids, onlyAdministering);
    const isAdministered = (id: PartyId) => administered.get(id)?.facts.some(({ kind }) => kind === 'administrator') ?? false;
    const named = page.units.flatMap((each) => each.rights.flatMap(({ openers, grantors }) => [...openers, ...grantors]));
    const faces = await listFaces(tx, [...new Set(named.map(({ party }) => party))]);
    return {
      by,
      units: page.units.map((each) => ({ ...each, isAdministered: isAdministered(each.unit.id) })),
      faces: new Map(faces.map((face) => [face.id, face])),
      total: question.after === undefined ? await countWhereSomethingIs(tx, root.id, question) : null,
      next: page.next,
    };
  });
}

/** How many units live, and closed ones where something lies. */
async function countWhereSomethingIs(reader: Reader, root: PartyId, { unreadAt }: CoverageQuestion): Promise<number> {
  const { living, closed } = await countUnits(reader, root);
  let sum = living;
  for (let n = 0; n < closed.length; n += closedAtOnce) sum += (await unreadAt(reader, closed.slice(n, n + closedAtOnce))).units.size;
  return sum;
}

const passes = ['unwatched', 'watched'] as const;
type Pass = (typeof passes)[number];

/** Where a page begins: in which of the two passes through the tree, and behind which unit. */
interface At {
  readonly pass: Pass;
  readonly path: Path | null;
}

const form = /^(unwatched|watched)\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** Refuses pageTokenUnreadable: also for a unit that is in the tree no longer. */
async function placeOf(reader: Reader, root: PartyId, after: string | undefined): Promise<At> {
  if (after === undefined) return { pass: 'unwatched', path: null };
  const [, pass, id] = form.exec(after) ?? [];
  const path = id === undefined ? undefined : await pathTo(reader, root, id);
  if (!path) throw refuse(accessErrors.pageTokenUnreadable);
  return { pass: pass as Pass, path };
}

interface Scanned {
  readonly units: readonly Omit<CoveredUnit, 'isAdministered'>[];
  readonly next: string | null;
}

type Scan = Pick<CoverageQuestion, 'onlyUnwatched' | 'unreadAt'> & { readonly at: At; readonly viewer: Viewer };

/** Goes through the tree from a place on until a page is full, or as much was asked as one request may. */
async function scan(
  reader: Reader,
  root: PartyId,
  rights: readonly Right[],
  { at, onlyUnwatched, viewer, unreadAt }: Scan,
): Promise<Scanned> {
  const services = rights.flatMap((right) => right.services);
  const classes = new Set(services.map(({ policyClass }) => policyClass)).size;
  const most = (all: number, each: number) => Math.floor(all / Math.max(1, each));
  const atOnce = Math.max(1, Math.min(100, most(mostQuestions / 2, classes), most(mostQuestions * 10, services.length)));
  const kept: Omit<CoveredUnit, 'isAdministered'>[] = [];
  const isFull = () => kept.length === pageSize || kept.reduce((sum, { rights: lines }) => sum + linesOf(lines), 0) >= mostLines;
  let { pass, path } = at;
  let last: string | null = null;
  for (let asked = 0; ; ) {
    const found = await listUnits(reader, root, { after: path, limit: atOnce + 1 });
    const some = found.slice(0, atOnce);
    const lying = await unreadAt(
      reader,
      some.map(({ id }) => id),
    );
    const there = new Set(some.filter(({ id, alive, parent }) => alive || parent === null || lying.units.has(id)).map(({ id }) => id));
    // where not all was counted, something may lie on any
    const lies = (unit: PartyId, resource: ResourceId) => lying.count(unit, resource) > 0 || !lying.isWhole(unit);
    const covered = await findCoverage(reader, [...there], rights, { viewer, lies });
    asked += there.size * classes + 1;
    let seen = 0;
    for (const { path: here, ...unit } of some) {
      if (isFull()) break;
      seen += 1;
      [path, last] = [here, written(pass, unit.id)];
      const lines = inOrder(covered.get(unit.id) ?? []);
      const isUnwatched = lines.some(({ unwatched }) => unwatched > 0);
      if (there.has(unit.id) && isUnwatched === (pass === 'unwatched')) kept.push({ unit, rights: lines, lying });
    }
    const isThrough = seen === found.length;
    if (isThrough && (pass === 'watched' || onlyUnwatched)) return { units: kept, next: null };
    if (isThrough) [pass, path] = ['watched', null];
    // where that was the last unit of the first pass, nothing comes behind it but the second
    if (last !== null && (isFull() || asked + atOnce * classes > mostQuestions)) return { units: kept, next: last };
  }
}

/** What a unit takes of a page. */
function linesOf(rights: readonly Covered[]): number {
  return rights.reduce((sum, { right, isVeiled, services }) => sum + (isVeiled && right.package === null ? services.length : 1), 0);
}

const written = (pass: Pass, id: PartyId): string => `${pass}.${id}`;

const kinds = ['confidential', 'ordinary', 'files'];

/** What nobody watches first; confidential post before other. */
function inOrder(rights: readonly Covered[]): Covered[] {
  const rank = ({ unwatched, right }: Covered) => (unwatched > 0 ? 0 : 10) + kinds.indexOf(right.kind);
  return rights.toSorted((a, b) => rank(a) - rank(b) || (a.right.key < b.right.key ? -1 : 1));
}
