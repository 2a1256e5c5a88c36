import { findResources, listOwned, listPerhapsOpen, mayEach, type Resource } from '#access/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { findParties, type Party } from '#register/index.ts';
import type { SenderServices } from './wire.ts';

/** The owner's services that the caller may send on. */
export async function servicesToSendOn(reader: Reader, caller: Caller, owner: PartyId): Promise<ResourceId[]> {
  const owned = await listOwned(reader, [owner]);
  const rights = await mayEach(
    reader,
    owned.map(({ id }) => ({ caller, question: { action: 'write', resource: id, party: owner } })),
  );
  return owned.flatMap(({ id }, i) => (rights[i]!.permit ? [id] : []));
}

/** Services of others that the caller may send on. */
export async function othersToSendOn(reader: Reader, caller: Caller, party: PartyId): Promise<ResourceId[]> {
  const perhaps = await listPerhapsOpen(reader, party);
  const rights = await mayEach(
    reader,
    perhaps.map(({ id, ownerId }) => ({ caller, question: { action: 'write', resource: id, party: ownerId } })),
  );
  return perhaps.flatMap(({ id }, i) => (rights[i]!.permit ? [id] : []));
}

/**
 * The services on which a caller may send messages, with what each demands of a letter: its own first, then those of others that let it.
 * None for a caller that acts for nobody.
 */
export async function listServices({ db }: Context, caller: Caller): Promise<SenderServices> {
  const { party } = caller;
  if (party === null) return { services: [] };
  const ids = [...(await servicesToSendOn(db, caller, party)), ...(await othersToSendOn(db, caller, party))];
  const found = [...(await findResources(db, ids)).values()].filter(
    ({ type, deletedAt }) => type === 'CorrespondenceService' && !deletedAt,
  );
  const owners = await findParties(db, [...new Set(found.map(({ ownerId }) => ownerId))]);
  const services = found.map((each) => serviceOf(each, each.ownerId === party ? undefined : owners.get(each.ownerId)));
  return { services: services.sort(byOwnerAndTitle) };
}

type Service = SenderServices['services'][number];

/** Pure. Its own stand first. */
function byOwnerAndTitle(a: Service, b: Service): number {
  if ((a.owner === null) !== (b.owner === null)) return a.owner === null ? -1 : 1;
  return (a.owner?.name ?? '').localeCompare(b.owner?.name ?? '', 'nb') || a.title.nb.localeCompare(b.title.nb, 'nb');
}

function serviceOf({ id, title, confidential, unreachable, minLevel }: Resource, other: Party | undefined): Service {
  const { nb, nn, en } = title;
  const owner = other ? { number: other.number, name: other.name } : null;
  return { id, title: { nb, nn, en }, owner, confidential, unreachable, mayForward: minLevel === 0 };
}
