import { describeReaders, findResources, listOwned, type ReaderWords, type Resource } from '#access/index.ts';
import { carriageOf, findBrokerResources } from '#broker/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import { findParties, type Party } from '#register/index.ts';
import { ownerSeenBy } from '#watch/index.ts';
import { servicesToSendOn } from './list-services.ts';
import type { OwnService, OwnServices } from './services-wire.ts';

const page = 200;

/**
 * A sender's services with what holds on each: who can open, what becomes of what nobody can, how files are carried, which ladder is
 * climbed; in the order of their ids, a page at a time. Whoever speaks for the owner sees all that it owns; a person who sends by a policy's leave, those on which they may.
 */
export async function showOwnServices(
  { db }: Context,
  caller: Caller,
  { after = '' }: { readonly after?: string | undefined },
): Promise<OwnServices> {
  if (caller.party === null) return { services: [], next: null };
  const isOwner = ownerSeenBy(caller, 'change') === caller.party;
  const all = isOwner ? (await listOwned(db, [caller.party])).map(({ id }) => id) : await servicesToSendOn(db, caller, caller.party);
  const coming = all.filter((id) => id > after).sort();
  const ids = coming.slice(0, page);
  const resources = [...(await findResources(db, ids)).values()].filter(({ deletedAt }) => deletedAt === null);
  const readers = await describeReaders(db, ids);
  const configured = new Map((await findBrokerResources(db, ids)).map((row) => [row.id, row]));
  const fallbacks = await findParties(
    db,
    resources.flatMap(({ fallback }) => fallback ?? []),
  );
  return {
    next: coming.length > ids.length ? ids.at(-1)! : null,
    services: resources
      .map((resource) => {
        const fallback = resource.fallback === null ? undefined : fallbacks.get(resource.fallback);
        return serviceOf(resource, {
          ...{ readers: readers.get(resource.id)!, fallback, mayChoose: isOwner },
          carriage: carriageOf(resource, configured.get(resource.id)),
        });
      })
      .sort((a, b) => (a.id < b.id ? -1 : 1)),
  };
}

interface Known {
  readonly readers: ReaderWords;
  readonly fallback: Party | undefined;
  readonly carriage: ReturnType<typeof carriageOf>;
  readonly mayChoose: boolean;
}

function serviceOf(resource: Resource, { readers, fallback, carriage, mayChoose }: Known): OwnService {
  const { id, type, confidential, unreachable, minLevel, ladder } = resource;
  const { nb, nn, en } = resource.title;
  return {
    ...{ id, title: { nb, nn, en }, type, confidential, unreachable, minLevel, ladder, mayChoose },
    carries: type === 'CorrespondenceService' ? 'letters' : carriage ? 'files' : 'nothing',
    fallback: fallback ? { name: fallback.kind === 'organization' ? fallback.name : null } : null,
    readers: { ways: readers.ways.map((way) => way.map((word) => ({ ...word }))), more: readers.more },
    files: carriage
      ? {
          mostBytes: carriage.maxFileTransferSize,
          timeToLiveSeconds: carriage.timeToLiveSeconds,
          purgeAfterAllConfirmed: carriage.purgeAfterAllConfirmed,
          graceSeconds: carriage.graceSeconds,
        }
      : null,
  };
}
