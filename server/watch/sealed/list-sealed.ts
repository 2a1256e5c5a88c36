import {
  type DelegationRequest,
  findResource,
  listPendingRequests,
  type Openability,
  type Resource,
  reachesAdministering,
  whoCanOpen,
} from '#access/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParties, type Party } from '#register/index.ts';
import { ageInDays } from '../age.ts';
import { watchErrors } from '../errors.ts';
import { isSealed } from '../openers/openability.ts';
import { thingOf } from '../openers/reevaluate.ts';
import { listNeeds } from '../store/openability.ts';
import { listSealedRows, type SealedPlace, type SealedRow } from '../store/sealed.ts';
import type { SealedView } from '../wire.ts';

const atMost = 100;

/**
 * For a person who can grant: the published post that nobody at the recipient can open, or of which nobody can open an attachment with the
 * message, longest first. The right that it shows is the one that is missing. Who could grant is
 * stored with each watch and asked anew of access before anything is shown, so that nobody sees it a moment longer than
 * they could help.
 *
 * Refuses personsOnly, placeNotValid.
 */
export async function listSealed(ctx: Context, caller: Caller, page: { readonly after?: string | undefined } = {}): Promise<SealedView> {
  const person = caller.subject;
  if (caller.kind !== 'person' || !person) throw refuse(watchErrors.personsOnly);
  const found = await listSealedRows(ctx.db, person, page.after ? readPlace(page.after) : null, atMost + 1);
  const rows = found.slice(0, atMost);
  const sealed = await stillSealedFor(ctx, person, rows);
  const parties = [...new Set(sealed.map(({ party }) => party))];
  // who is to be let in is told by a login by which it could be done
  const requests = reachesAdministering(caller) ? await listPendingRequests(ctx.db, parties) : [];
  const named = [...sealed.flatMap((row) => [row.party, row.sender]), ...requests.flatMap(({ to, requestedBy }) => [to, requestedBy])];
  const faces = await findParties(ctx.db, [...new Set(named)]);
  const resources = await resourcesOf(ctx, sealed);
  const shown = sealed.map((row) => ({ ...row, confidential: isHidden(row, resources) }));
  const last = rows.at(-1);
  return {
    sealed: shown.map((row) => ({
      ...view(row, faces, resources.get(row.missing), ctx.now()),
      requests: requestsFor(row, requests, resources.get(row.missing), faces),
    })),
    next: last && found.length > atMost ? writePlace(last) : null,
  };
}

interface Shown extends SealedRow {
  /** The resource whose right is missing: of the message, or of an attachment when somebody can open that. */
  readonly missing: ResourceId;
  readonly attachmentLocked: boolean;
}

async function stillSealedFor(ctx: Context, person: PartyId, rows: readonly SealedRow[]): Promise<Shown[]> {
  if (rows.length === 0) return [];
  const needs = await listNeeds(ctx.db, rows);
  const found = await whoCanOpen(
    ctx.db,
    rows.map((row) => thingOf(row, needs)),
  );
  return rows.flatMap((row, i) => {
    const openability = found[i]!;
    const isTheirs = isSealed(openability) && openability.grantors.some((grantor) => grantor.party === person);
    return isTheirs ? [{ ...row, ...missingIn(row, openability) }] : [];
  });
}

/** Pure. Which right is missing first: whoever could give it is asked for it. */
export function missingIn(
  { resource }: Pick<SealedRow, 'resource'>,
  { openers, lockedNeeds }: Pick<Openability, 'openers' | 'lockedNeeds'>,
): Pick<Shown, 'missing' | 'attachmentLocked'> {
  const attachmentLocked = openers.length > 0 && lockedNeeds.length > 0;
  return { missing: attachmentLocked ? lockedNeeds[0]!.resource : resource, attachmentLocked };
}

/** One by one: a person's sealed post asks for few different rights. */
async function resourcesOf(ctx: Context, rows: readonly Shown[]): Promise<Map<ResourceId, Resource>> {
  const ids = [...new Set(rows.flatMap((row) => [row.missing, row.resource]))];
  const found = await Promise.all(ids.map((id) => findResource(ctx.db, id)));
  return new Map(found.flatMap((resource) => (resource ? [[resource.id, resource] as const] : [])));
}

/** Pure. Sent as confidential, or on a service that is: nothing outside tells what it may be about. */
function isHidden(
  { confidential, resource, missing }: Pick<Shown, 'confidential' | 'resource' | 'missing'>,
  resources: ReadonlyMap<ResourceId, Pick<Resource, 'confidential'>>,
): boolean {
  return confidential || [resource, missing].some((id) => resources.get(id)?.confidential === true);
}

function view(
  row: Shown,
  parties: ReadonlyMap<PartyId, Party>,
  resource: Resource | undefined,
  now: Date,
): Omit<SealedView['sealed'][number], 'requests'> {
  const party = parties.get(row.party);
  const sender = parties.get(row.sender);
  const packages = resource?.packages ?? [];
  return {
    id: row.about,
    party: { id: row.party, name: party?.name ?? '', number: party?.kind === 'organization' ? party.number : null },
    sender: { name: sender?.name ?? '', organizationNumber: sender?.kind === 'organization' ? sender.number : null },
    publishedAt: row.publishedAt.toISOString(),
    ageDays: ageInDays(row.publishedAt, now),
    confidential: row.confidential,
    attachmentLocked: row.attachmentLocked,
    isLetLie: row.isLetLie,
    right: {
      packages: [...packages],
      // The name of a confidential service can say what the letter is about: named only when nothing else tells which right it takes.
      resource: hidesService(row, packages) ? null : row.missing,
      resourceTitle: row.confidential ? null : (resource?.title ?? null),
    },
  };
}

const hidesService = ({ confidential }: Shown, packages: readonly string[]): boolean => confidential && packages.length > 0;

/**
 * What is asked for that would open it. A request of one service stands beside no envelope that does not name its service: the list of
 * requests names it, and the two together would say what the letter is about.
 */
function requestsFor(
  row: Shown,
  requests: readonly DelegationRequest[],
  resource: Resource | undefined,
  parties: ReadonlyMap<PartyId, Party>,
): SealedView['sealed'][number]['requests'] {
  const { party, missing: id } = row;
  const service = hidesService(row, resource?.packages ?? []) ? null : id;
  const opens = (request: DelegationRequest) =>
    (service !== null && request.resource === service) ||
    (request.package !== null && (resource?.packages.includes(request.package) ?? false));
  return requests
    .filter((request) => request.at === party && opens(request))
    .map((request) => ({
      id: request.id,
      to: { id: request.to, name: parties.get(request.to)?.name ?? '' },
      requestedBy: parties.get(request.requestedBy)?.name ?? '',
      package: request.package,
      createdAt: request.createdAt.toISOString(),
    }));
}

function writePlace(row: SealedPlace): string {
  return Buffer.from(`${row.publishedAt.toISOString()} ${row.about}`).toString('base64url');
}

function readPlace(text: string): SealedPlace {
  const [at, about] = Buffer.from(text, 'base64url').toString().split(' ');
  const publishedAt = new Date(at ?? '');
  if (Number.isNaN(publishedAt.getTime()) || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(about ?? ''))
    throw refuse(watchErrors.placeNotValid);
  return { publishedAt, about: about! };
}
