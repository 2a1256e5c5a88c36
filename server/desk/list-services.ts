import { findResources, listOwned, mayEach, type Resource } from '#access/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
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

/** The services of its own on which a caller may send messages, with what each demands of a letter. None for a caller that acts for nobody. */
export async function listServices({ db }: Context, caller: Caller): Promise<SenderServices> {
  if (caller.party === null) return { services: [] };
  const found = await findResources(db, await servicesToSendOn(db, caller, caller.party));
  const services = [...found.values()].filter(({ type, deletedAt }) => type === 'CorrespondenceService' && deletedAt === null);
  return { services: services.map(serviceOf).sort((a, b) => a.title.nb.localeCompare(b.title.nb, 'nb')) };
}

function serviceOf({ id, title, confidential, unreachable, minLevel }: Resource): SenderServices['services'][number] {
  const { nb, nn, en } = title;
  return { id, title: { nb, nn, en }, confidential, unreachable, mayForward: minLevel === 0 };
}
