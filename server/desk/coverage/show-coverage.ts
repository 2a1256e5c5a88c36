import { type CoveredRight, type CoveredUnit, type Face, type Opener, readCoverage } from '#access/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { PartyId } from '#kernel/ids.ts';
import { countUnread, unreadKey } from './store.ts';
import type { Coverage, CoverageQuery, CoverageRight } from './wire.ts';

const mostNames = 20;

/**
 * Who watches what comes to an organization and to each unit below it, and how much lies unread there. Names are for whoever administers
 * access at the very unit.
 * Refuses callerNotPerson, notAdministrator, pageTokenUnreadable.
 */
export async function showCoverage(ctx: Context, caller: Caller, query: CoverageQuery): Promise<Coverage> {
  const found = await readCoverage(ctx, caller, {
    party: query.party as PartyId,
    after: query.after,
    onlyUnwatched: query.unwatched === true,
  });
  const unread = await countUnread(
    ctx.db,
    found.units.map(({ unit }) => unit.id),
  );
  const view = (unit: CoveredUnit) => (covered: CoveredRight) => viewOf(unit, covered, { ...found, unread });
  return {
    units: found.units.map((each) => ({ ...each.unit, rights: each.rights.map(view(each)) })),
    ...{ total: found.total, servicesLeftOut: found.leftOut, next: found.next },
  };
}

interface Known {
  readonly by: PartyId;
  readonly faces: ReadonlyMap<PartyId, Face>;
  readonly unread: ReadonlyMap<string, number>;
}

function viewOf(
  { unit, isAdministered }: CoveredUnit,
  { right, services, unwatched, openers, grantors }: CoveredRight,
  { by, faces, unread }: Known,
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
  const tells = right.kind === 'confidential' && right.package === null;
  return {
    ...{ kind: right.kind, package: right.package, resource: right.resource, title: right.title, owner: right.owner },
    ...{ services: services.length, unwatched, persons, systems: openers.length - persons, grantors: grantors.length },
    recent: openers.filter(({ party }) => faces.get(party)?.isRecent).length,
    unread: tells ? null : services.reduce((sum, resource) => sum + (unread.get(unreadKey(unit.id, resource)) ?? 0), 0),
    youMayGive: grantors.some(({ party }) => party === by),
    openerNames: isAdministered ? named(openers) : null,
    grantorNames: isAdministered ? named(grantors) : null,
  };
}
