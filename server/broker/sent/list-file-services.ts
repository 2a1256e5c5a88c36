import { findResources, listOwned, mayEach } from '#access/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { BrokerContext } from '../context.ts';
import { carriageOf, mostBytes } from '../resources/carriage.ts';
import { findBrokerResources } from '../store/resource.ts';
import type { FileServices } from './wire.ts';

const daySeconds = 86_400;

/** The services of its own on which a caller may send files, with how they are carried. None for a caller that acts for nobody. */
export async function listFileServices({ db, scanner }: BrokerContext, caller: Caller): Promise<FileServices> {
  const owner = caller.party;
  if (owner === null) return { services: [] };
  const owned = await listOwned(db, [owner]);
  const rights = await mayEach(
    db,
    owned.map(({ id }) => ({ caller, question: { action: 'write', resource: id, party: owner } })),
  );
  const ids = owned.filter((_, i) => rights[i]!.permit).map(({ id }) => id);
  const resources = [...(await findResources(db, ids)).values()].filter(({ deletedAt }) => deletedAt === null);
  const configured = new Map((await findBrokerResources(db, ids)).map((one) => [one.id, one]));
  const services = resources.flatMap((resource): FileServices['services'] => {
    const carriage = carriageOf(resource, configured.get(resource.id));
    if (!carriage) return [];
    const { nb, nn, en } = resource.title;
    return [
      {
        ...{ id: resource.id, title: { nb, nn, en }, confidential: resource.confidential, mostBytes: mostBytes(carriage, true, scanner) },
        days: Math.max(1, Math.round(carriage.timeToLiveSeconds / daySeconds)),
      },
    ];
  });
  return { services: services.sort((a, b) => a.title.nb.localeCompare(b.title.nb, 'nb')) };
}
