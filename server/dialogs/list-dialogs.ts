import { findResources, itemsGivenTo, mayEach, partiesOf } from '#access/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { CorrespondenceId, PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParties, parsePartyReference, partiesByNumber } from '#register/index.ts';
import { choicesOf, newestFirst, refuseUnoffered } from './choose-dialogs.ts';
import type { DialogContext } from './context.ts';
import { continuationAt, readContinuation } from './continuation.ts';
import { dialogErrors as e } from './errors.ts';
import { endUser } from './find-dialog.ts';
import { showItems } from './show/list-item.ts';
import { type DialogFacts, listDialogFacts, listPlaces, type Place, type Span } from './store/dialog.ts';
import type { DialogList } from './wire/dialogs.ts';
import type { ListQuery } from './wire/requests.ts';

/** As many as a page holds where nothing is said. */
const usualLimit = 100;
/** As many dialogs as one page looks at where filters leave most of them out: the page is short then, and says that there is more. */
const mostLookedAt = 1000;
/** As many rows as such a page takes from the index, over all parties and resources. */
const mostRows = 50_000;
/** As many parties as are looked through where none is named. */
const mostParties = 100;
/** As many single messages that were given to the caller as are listed, the latest first. */
const mostItems = 1000;

/**
 * Dialogs that the caller may read, those whose content changed last first. A page is found by key, whatever the number of dialogs
 * and of those that filters leave out. Nothing is opened by it, and nobody has seen anything.
 *
 * Refuses callerNotEndUser, filterNotOffered, continuationUnfit, tooManyParties. Source: compatibility.md, platform, §5.2.
 */
export async function listDialogs(ctx: DialogContext, caller: Caller, query: ListQuery): Promise<DialogList> {
  const subject = endUser(caller);
  refuseUnoffered(query);
  const isNewestFirst = newestFirst(query.orderBy);
  const from = query.continuationToken ? readContinuation(query.continuationToken, isNewestFirst) : null;
  const limit = query.limit ?? usualLimit;
  const choices = choicesOf(query);
  const where = await placesOf(ctx.db, caller, await partiesAsked(ctx.db, subject, query.party), query);
  const places = Math.max(where.places.length, 1);
  const looked = choices.length === 0 ? limit : Math.max(limit, Math.min(mostLookedAt, Math.floor(mostRows / places)));
  const span: Span = {
    ...where,
    after: query.contentUpdatedAfter ? new Date(query.contentUpdatedAfter) : null,
    before: query.contentUpdatedBefore ? new Date(query.contentUpdatedBefore) : null,
    newestFirst: isNewestFirst,
    from,
    limit: looked + 1,
  };
  const found = where.places.length + where.singles.length === 0 ? [] : await listDialogFacts(ctx.db, span);
  const { shown, last } = pageOf(found, { choices, limit, looked });
  return {
    items: await showItems(ctx.db, caller, shown, ctx.now()),
    hasNextPage: last !== undefined,
    continuationToken: last ? continuationAt({ at: last.position, id: last.id }, isNewestFirst) : null,
    orderBy: isNewestFirst ? 'contentUpdatedAt_desc' : 'contentUpdatedAt_asc',
  };
}

/** Pure. What a page shows, and the last dialog that was looked at where there are more. */
export function pageOf(
  found: readonly DialogFacts[],
  {
    choices,
    limit,
    looked,
  }: { readonly choices: readonly ((facts: DialogFacts) => boolean)[]; readonly limit: number; readonly looked: number },
): { readonly shown: readonly DialogFacts[]; readonly last: DialogFacts | undefined } {
  const shown: DialogFacts[] = [];
  for (const [i, facts] of found.slice(0, looked).entries()) {
    if (choices.every((choice) => choice(facts))) shown.push(facts);
    if (shown.length === limit) return { shown, last: found.length > i + 1 ? facts : undefined };
  }
  return { shown, last: found.length > looked ? found[looked - 1] : undefined };
}

/** The parties that are named; where none is, those that the caller acts for. Refuses tooManyParties. */
async function partiesAsked(reader: Reader, subject: PartyId, named: ListQuery['party']): Promise<PartyId[]> {
  if (named?.length) {
    const numbers = named.flatMap((text) => parsePartyReference(text)?.number ?? []);
    return [...(await partiesByNumber(reader, numbers)).values()].map(({ id }) => id);
  }
  const parties = await partiesOf(reader, subject);
  if (parties.length > mostParties) throw refuse(e.tooManyParties, { most: mostParties });
  return parties;
}

/**
 * Where the caller may read all that lies there, and the messages elsewhere that were given to it by themselves: one question for all
 * resources at all parties and one for all single dialogs.
 */
async function placesOf(
  reader: Reader,
  caller: Caller,
  parties: readonly PartyId[],
  query: ListQuery,
): Promise<Pick<Span, 'places' | 'singles'>> {
  const [places, items] = await Promise.all([listPlaces(reader, parties), itemsGivenTo(reader, caller.subject!, parties, mostItems)]);
  const bare = query.serviceResource?.map((text) => text.replace(/^urn:altinn:resource:/i, ''));
  const ofAsked = <T extends Place>(some: readonly T[]) => some.filter(({ resource }) => !bare?.length || bare.includes(resource));
  const ofOrg = <T extends Place>(some: readonly T[]) => (query.org?.length ? ofOwners(reader, some, query.org) : some);
  const [named, given] = await Promise.all([ofOrg(ofAsked(places)), ofOrg(ofAsked(items))]);
  const rights = await mayEach(reader, [
    ...named.map(({ party, resource }) => ({ caller, question: { action: 'read', resource, party } })),
    ...given.map(({ party, resource, instance }) => ({ caller, question: { action: 'read', resource, party, instance } })),
  ]);
  const isRight = (i: number) => rights[i]!.permit && rights[i]!.by === 'right';
  const read = named.filter((_, i) => isRight(i));
  const isRead = new Set(read.map(keyOf));
  const alone = given.filter((one, i) => isRight(named.length + i) && !isRead.has(keyOf(one)));
  return { places: read, singles: [...new Set(alone.map(({ instance }) => instance as CorrespondenceId))] };
}

const keyOf = ({ party, resource }: Place): string => `${party} ${resource}`;

async function ofOwners<T extends Place>(reader: Reader, places: readonly T[], codes: readonly string[]): Promise<T[]> {
  const resources = await findResources(reader, [...new Set(places.map(({ resource }) => resource))]);
  const owners = await findParties(reader, [...new Set([...resources.values()].map(({ ownerId }) => ownerId))]);
  const wanted = new Set(codes.map((code) => code.toLowerCase()));
  return places.filter(({ resource }) => {
    const owner = owners.get(resources.get(resource)?.ownerId as PartyId);
    return owner?.orgCode != null && wanted.has(owner.orgCode.toLowerCase());
  });
}
