import { type CoveredRight, type CoveredUnit, type Face, type Lying, type Opener, readCoverage } from '#access/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { countUnread } from './store.ts';
import type { Coverage, CoverageQuery, CoverageRight } from './wire.ts';

const mostNames = 20;
/** Unread at one unit: where more lies, it is not told how much is of what. */
const mostUnread = 100_000;

/**
 * Who watches what comes to an organization and to each unit below it, and how much lies unread there. Names are for whoever administers
 * access at the very unit.
 * Refuses callerNotPerson, loginTooLow, notAdministrator, pageTokenUnreadable.
 */
export async function showCoverage(ctx: Context, caller: Caller, query: CoverageQuery): Promise<Coverage> {
  const found = await readCoverage(ctx, caller, {
    party: query.party as PartyId,
    after: query.after,
    onlyUnwatched: query.unwatched === true,
    unreadAt,
  });
  const view = (unit: CoveredUnit) => (covered: CoveredRight) => viewOf(unit, covered, found);
  return {
    units: found.units.map((each) => ({ ...each.unit, rights: each.rights.map(view(each)) })),
    ...{ total: found.total, next: found.next },
  };
}

async function unreadAt(reader: Reader, units: readonly PartyId[]): Promise<Lying> {
  const rows = await countUnread(reader, units, mostUnread);
  const counts = new Map(rows.map(({ party, resource, unread }) => [`${party} ${resource}`, unread]));
  const overflowing = new Set(rows.flatMap(({ party, total }) => (total >= mostUnread ? [party] : [])));
  return {
    units: new Set(rows.map(({ party }) => party)),
    count: (unit, resource) => counts.get(`${unit} ${resource}`) ?? 0,
    isWhole: (unit) => !overflowing.has(unit),
  };
}

interface Known {
  readonly by: PartyId;
  readonly faces: ReadonlyMap<PartyId, Face>;
}

function viewOf(
  { unit, isAdministered, lying }: CoveredUnit,
  { right, services, isVeiled, unwatched, openers, grantors }: CoveredRight,
  { by, faces }: Known,
): CoverageRight {
  const named = (some: readonly Opener[]) => {
    const all = some.map(({ party: id, kind }) => ({
      id,
      kind,
      name: faces.get(id)?.name ?? '',
      recent: faces.get(id)?.isRecent ?? false,
    }));
    return all.toSorted((a, b) => Number(b.recent) - Number(a.recent) || (a.name < b.name ? -1 : 1)).slice(0, mostNames);
  };
  const persons = openers.filter(({ kind }) => kind === 'person').length;
  // a number beside one confidential service would say that a letter of it lies there
  const tells = (isVeiled && services.length === 1) || !lying.isWhole(unit.id);
  const isOneByOne = isVeiled && right.package === null;
  return {
    ...{ kind: right.kind, package: right.package, resource: right.resource, title: right.title, owner: right.owner },
    ...{ services: services.length, unwatched, persons, systems: openers.length - persons, grantors: grantors.length },
    recent: openers.filter(({ party }) => faces.get(party)?.isRecent).length,
    oneByOne: isOneByOne ? services.map(({ id: resource, title, owner }) => ({ resource, title, owner })) : null,
    unread: tells ? null : services.reduce((sum, { id }) => sum + lying.count(unit.id, id), 0),
    youMayGive: grantors.some(({ party }) => party === by),
    openerNames: isAdministered ? named(openers) : null,
    grantorNames: isAdministered ? named(grantors) : null,
  };
}
