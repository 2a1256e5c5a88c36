import { createHash } from 'node:crypto';
import type { Caller } from '#kernel/context.ts';
import type { ResourceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParty, type Party } from '#register/index.ts';
import type { SubscriptionContext } from './context.ts';
import { subscriptionErrors as e } from './errors.ts';
import { deliverSweeper } from './jobs.ts';
import { mayHear } from './rights.ts';
import {
  countOwn,
  findSame,
  lockSubscriber,
  type NewSubscription,
  type Subscription,
  saveRevalidation,
  saveSubscription,
} from './store/subscription.ts';
import { partiesOfSubjects } from './subjects.ts';
import { asItself, consumerName, keepCaller } from './subscriber.ts';
import { readEndpoint } from './webhook/endpoint.ts';
import { newSecret, writtenSecret } from './webhook/sign.ts';
import type { SubscriptionRequest } from './wire.ts';

/** As many a party may have. */
export const mostSubscriptions = 500;

export interface Subscribed {
  readonly subscription: Subscription;
  /** Shown this once; null for a subscription that stood already. */
  readonly secret: string | null;
}

/** By which of the two addresses somebody subscribes: what is not said there means what it does in the original, or what is best. */
export type Door = 'altinn' | 'own';
/** Receivers of the original's events parse `application/json`. Source: compatibility.md, platform, §4.2. */
const defaultMediaType = { altinn: 'application/json', own: 'application/cloudevents+json' } as const;

/**
 * Subscribes to events of a resource. The endpoint gets a validation event, and nothing else before it has answered that. The
 * same asked for again is the same subscription, and its endpoint is asked again.
 *
 * Refuses endpointNotValid, sourceNotHttps, resourceNotUrn, notAuthorized, tooMany.
 * Source: compatibility.md, platform, §4.2. That a resource must be named, and the limit, are ours.
 */
export async function subscribe(
  ctx: SubscriptionContext,
  caller: Caller,
  request: SubscriptionRequest,
  door: Door = 'own',
): Promise<Subscribed> {
  const asked = await readRequest(ctx, asItself(caller), request, door);
  return ctx.db.transaction(async (tx) => {
    await lockSubscriber(tx, asked.partyId);
    const same = await findSame(tx, asked);
    tx.afterCommit(deliverSweeper.wake);
    if (same) {
      saveRevalidation(tx, same.id, asked.at);
      return { subscription: same, secret: null };
    }
    if ((await countOwn(tx, asked.partyId)) >= mostSubscriptions) throw refuse(e.tooMany, { most: mostSubscriptions });
    return { subscription: await saveSubscription(tx, asked), secret: writtenSecret(asked.secret) };
  });
}

async function readRequest(ctx: SubscriptionContext, caller: Caller, request: SubscriptionRequest, door: Door): Promise<NewSubscription> {
  const endpoint = readEndpoint(request.endPoint, ctx.endpoints);
  if (endpoint === undefined) throw refuse(e.endpointNotValid);
  const sourceFilter = request.sourceFilter?.trim() || null;
  if (sourceFilter !== null && !isSource(sourceFilter)) throw refuse(e.sourceNotHttps);
  const urn = request.resourceFilter?.trim() ?? '';
  if (!/^urn:[a-z0-9][a-z0-9-]{0,31}:\S+$/i.test(urn)) throw refuse(e.resourceNotUrn);
  const subjectFilter = request.subjectFilter?.trim() || null;
  const alternativeSubject = request.alternativeSubjectFilter?.trim() || null;
  const refused = refuse(e.notAuthorized, { resource: urn });

  const party = caller.party === null ? undefined : await findParty(ctx.db, caller.party);
  if (!party) throw refused;
  const subject = await subjectOf(ctx, subjectFilter, alternativeSubject);
  const resource = resourceOf(urn);
  if (subject === 'unknown' || resource === undefined) throw refused;
  const [permitted] = await mayHear(ctx.db, [{ caller, resource, party: subject?.id ?? null }]);
  if (!permitted) throw refused;

  const filters = {
    endpoint,
    resource,
    sourceFilter,
    subjectFilter,
    alternativeSubject,
    typeFilter: request.typeFilter?.trim() || null,
    includeSubunits: request.includeSubunits ?? false,
    ownEvents: door === 'own',
    mediaType: request.mediaType ?? defaultMediaType[door],
  } as const;
  return {
    ...filters,
    subjectId: subject?.id ?? null,
    partyId: party.id,
    consumer: consumerName(caller, party),
    fingerprint: createHash('sha256').update(JSON.stringify(filters)).digest('hex'),
    caller: keepCaller(caller),
    secret: newSecret(),
    at: ctx.now(),
  };
}

/** An installation that is reached by http has sources of http. */
function isSource(text: string): boolean {
  return URL.canParse(text) && new URL(text).protocol === 'https:';
}

export function resourceOf(urn: string): ResourceId | undefined {
  return /^urn:altinn:resource:([a-z0-9_.-]+)$/i.exec(urn)?.[1] as ResourceId | undefined;
}

/** Null: nobody in particular. Both ways of naming must name one party. */
async function subjectOf(ctx: SubscriptionContext, ...named: readonly (string | null)[]): Promise<Party | null | 'unknown'> {
  const given = named.filter((name) => name !== null);
  if (given.length === 0) return null;
  const found = await partiesOfSubjects(ctx.db, given);
  const parties = given.map((name) => found.get(name));
  const [first] = parties;
  return first && parties.every((party) => party?.id === first.id) ? first : 'unknown';
}
