import { type CloudEvent, type NumberedRow, pageOfEvents, placeOfEvent, toCloudEvent } from '#events/index.ts';
import type { Caller } from '#kernel/context.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParty, partyUrn } from '#register/index.ts';
import type { SubscriptionContext } from './context.ts';
import { subscriptionErrors as e } from './errors.ts';
import { isOfOriginal } from './match-events.ts';
import { mayHear } from './rights.ts';
import { partiesOfSubjects } from './subjects.ts';
import { resourceOf } from './subscribe.ts';
import type { EventsQuery } from './wire.ts';

export interface EventPage {
  readonly events: readonly CloudEvent[];
  /** The id of the last event that was looked at, to go on after; null when there was none. */
  readonly last: string | null;
}

/** Rows that one request looks at, so that a page which the caller may see little of does not take the whole table. */
const mostLookedAt = 5_000;
const defaultSize = 50;

/**
 * Events of a resource after one that the caller has seen, in the order in which they became known: nothing ever comes in
 * behind a place that was read. The owner of the resource sees all; anybody else what speaks of parties for which it may
 * hear, itself when it names none. Refuses resourceNotGiven, resourceNotUrn, afterNotValid, oneSubject.
 * Source: compatibility.md, platform, §4.2.
 */
export async function listOwnEvents(
  ctx: SubscriptionContext,
  caller: Caller,
  query: EventsQuery,
  alternativeSubject: string | undefined,
): Promise<EventPage> {
  const urn = query.resource?.trim() ?? '';
  if (urn === '') throw refuse(e.resourceNotGiven);
  const resource = resourceOf(urn);
  if (resource === undefined) throw refuse(e.resourceNotUrn);
  const after = readAfter(query.after);
  if (after === undefined) throw refuse(e.afterNotValid);
  const named = [query.subject, alternativeSubject].filter((subject) => subject !== undefined && subject !== '') as string[];
  if (named.length > 1) throw refuse(e.oneSubject);

  const [isOwner] = await mayHear(ctx.db, [{ caller, resource, party: null }]);
  const subjects = named.length > 0 ? named : isOwner ? null : await itself(ctx, caller);
  const types = query.type === undefined ? null : [query.type].flat();
  const size = query.size ?? defaultSize;

  let place = after === '0' ? 0 : await placeOfEvent(ctx.db, after);
  const found: NumberedRow[] = [];
  let last: string | null = null;
  for (let looked = 0; found.length < size && looked < mostLookedAt; ) {
    const wanted = Math.max(size - found.length, defaultSize);
    const page = await pageOfEvents(ctx.db, { resource, after: place, subjects, types, limit: wanted });
    for (const event of await heardIn(ctx, caller, page)) {
      if (types === null && !isOfOriginal(event.type)) continue;
      if (found.length === size) break;
      found.push(event);
    }
    const end = found.length === size ? found.at(-1) : page.at(-1);
    if (end) [place, last] = [end.position, end.id];
    if (page.length < wanted) break;
    looked += page.length;
  }
  return { events: found.map((event) => toCloudEvent(event, ctx.publicUrl)), last };
}

async function heardIn(ctx: SubscriptionContext, caller: Caller, page: readonly NumberedRow[]): Promise<NumberedRow[]> {
  const parties = await partiesOfSubjects(
    ctx.db,
    page.map(({ subject }) => subject),
  );
  const heard = await mayHear(
    ctx.db,
    page.map(({ resource, subject, type }) => ({
      caller,
      type,
      resource: resource as Parameters<typeof mayHear>[1][number]['resource'],
      party: parties.get(subject)?.id ?? null,
    })),
  );
  return page.filter((_, i) => heard[i]);
}

async function itself(ctx: SubscriptionContext, caller: Caller): Promise<string[]> {
  const party = caller.party === null ? undefined : await findParty(ctx.db, caller.party);
  return party ? [partyUrn(party)] : [];
}

function readAfter(text: string | undefined): string | undefined {
  const given = text?.trim().toLowerCase() ?? '';
  return given === '0' || /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(given) ? given : undefined;
}
