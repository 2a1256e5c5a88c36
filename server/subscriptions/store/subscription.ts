import { type Reader, type Sql, sql, type Tx } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import type { KeptCaller } from '../subscriber.ts';
import type { MediaType, subscriptionStates } from '../wire.ts';

/** Which events a subscription asks for. */
export interface Filters {
  readonly resource: ResourceId;
  readonly sourceFilter: string | null;
  readonly typeFilter: string | null;
  readonly subjectId: PartyId | null;
  readonly includeSubunits: boolean;
  /** Whether, without a type filter, it also asks for events that the original does not have. */
  readonly ownEvents: boolean;
}

export interface Subscription extends Filters {
  readonly id: number;
  readonly partyId: PartyId;
  readonly consumer: string;
  readonly endpoint: string;
  readonly subjectFilter: string | null;
  readonly alternativeSubject: string | null;
  readonly mediaType: MediaType;
  readonly caller: KeptCaller;
  readonly state: (typeof subscriptionStates)[number];
  readonly lastNumber: number;
  readonly failures: number;
  readonly failingSince: Date | null;
  readonly notBefore: Date | null;
  readonly dueAt: Date | null;
  readonly createdAt: Date;
  readonly validatedAt: Date | null;
  readonly pausedAt: Date | null;
}

const columns: Sql = sql`
  id, party_id as "partyId", consumer, endpoint, resource, source_filter as "sourceFilter", type_filter as "typeFilter",
  subject_filter as "subjectFilter", alternative_subject as "alternativeSubject", subject_id as "subjectId",
  include_subunits as "includeSubunits", own_events as "ownEvents", media_type as "mediaType", caller, state, last_number::float8 as "lastNumber", failures,
  failing_since as "failingSince", not_before as "notBefore", due_at as "dueAt", created_at as "createdAt",
  validated_at as "validatedAt", paused_at as "pausedAt"`;

export interface NewSubscription extends Filters {
  readonly partyId: PartyId;
  readonly consumer: string;
  readonly endpoint: string;
  readonly subjectFilter: string | null;
  readonly alternativeSubject: string | null;
  readonly mediaType: MediaType;
  readonly fingerprint: string;
  readonly caller: KeptCaller;
  readonly secret: Buffer;
  readonly at: Date;
}

/** Who else makes one for the party waits until the transaction ends. */
export async function lockSubscriber(tx: Tx, party: PartyId): Promise<void> {
  await tx.one(sql`select pg_advisory_xact_lock(hashtextextended(${`subscriptions ${party}`}, 7024))`);
}

/** -- index: subscription_party_id_consumer_fingerprint_key */
export function findSame(
  reader: Reader,
  { partyId, consumer, fingerprint }: Pick<NewSubscription, 'partyId' | 'consumer' | 'fingerprint'>,
): Promise<Subscription | undefined> {
  return reader.maybe<Subscription>(sql`
    select ${columns} from subscriptions.subscription where party_id = ${partyId} and consumer = ${consumer} and fingerprint = ${fingerprint}`);
}

/** A new one waits for its endpoint's answer to the validation event, which is due at once. */
export function saveSubscription(tx: Tx, s: NewSubscription): Promise<Subscription> {
  return tx.one<Subscription>(sql`
    insert into subscriptions.subscription (party_id, consumer, endpoint, resource, source_filter, subject_filter, alternative_subject, subject_id,
           type_filter, include_subunits, own_events, media_type, fingerprint, caller, secret, state, due_at, created_at)
    values (${s.partyId}, ${s.consumer}, ${s.endpoint}, ${s.resource}, ${s.sourceFilter}, ${s.subjectFilter}, ${s.alternativeSubject}, ${s.subjectId},
           ${s.typeFilter}, ${s.includeSubunits}, ${s.ownEvents}, ${s.mediaType}, ${s.fingerprint}, ${JSON.stringify(s.caller)}::jsonb, ${s.secret}, 'Unvalidated',
           ${s.at}, ${s.at})
    returning ${columns}`);
}

/** -- index: subscription_party_id_consumer_fingerprint_key */
export function listOwn(reader: Reader, party: PartyId, consumers: readonly string[], limit: number): Promise<Subscription[]> {
  return reader.all<Subscription>(sql`
    select ${columns} from subscriptions.subscription where party_id = ${party} and consumer = any(${consumers}::text[]) order by id limit ${limit}`);
}

export function findOwn(reader: Reader, id: number, party: PartyId, consumers: readonly string[]): Promise<Subscription | undefined> {
  return reader.maybe<Subscription>(sql`
    select ${columns} from subscriptions.subscription where id = ${id} and party_id = ${party} and consumer = any(${consumers}::text[])`);
}

export async function lockSubscription(tx: Tx, id: number): Promise<Subscription | undefined> {
  return tx.maybe<Subscription>(sql`select ${columns} from subscriptions.subscription where id = ${id} for update`);
}

export async function countOwn(reader: Reader, party: PartyId): Promise<number> {
  const { count } = await reader.one<{ count: number }>(
    sql`select count(*)::int as count from subscriptions.subscription where party_id = ${party}`,
  );
  return count;
}

export function deleteSubscription(tx: Tx, id: number): void {
  tx.send(sql`delete from subscriptions.subscription where id = ${id}`);
}

/** The endpoint is asked again; what was paused begins anew when it answers. How it fared until now is not forgotten before. */
export function saveRevalidation(tx: Tx, id: number, at: Date): void {
  tx.send(sql`
    update subscriptions.subscription
       set state = 'Unvalidated', due_at = ${at}, not_before = null, paused_at = null
     where id = ${id}`);
}

/** The secret, and the former one while it counts. index: subscription_pkey */
export async function findSecrets(reader: Reader, id: number): Promise<Buffer[]> {
  const row = await reader.maybe<{ secrets: Buffer[] }>(sql`
    select case when former_until > statement_timestamp() then array[secret, former_secret] else array[secret] end as secrets
      from subscriptions.subscription where id = ${id}`);
  return row?.secrets ?? [];
}

/** The former secret goes on signing until `until`. */
export function saveSecret(tx: Tx, id: number, secret: Buffer, until: Date): void {
  tx.send(sql`
    update subscriptions.subscription set former_secret = secret, former_until = ${until}, secret = ${secret} where id = ${id}`);
}

/** Somebody must look after it, not later than `at`. */
export function saveDue(tx: Tx, ids: readonly number[], at: Date): void {
  tx.send(sql`
    update subscriptions.subscription set due_at = least(due_at, ${at}::timestamptz) where id = any(${ids}::int[]) and state <> 'Paused'`);
}

/** It rests from now on. Who delivers to it has lost its lease: what is on its way is delivered once more when it goes on. */
export function saveRest(tx: Tx, id: number, at: Date): void {
  tx.send(sql`
    update subscriptions.subscription
       set state = 'Paused', paused_at = ${at}, due_at = null, not_before = null, lease = null, leased_until = null
     where id = ${id}`);
}

export function saveResumed(tx: Tx, id: number, at: Date): void {
  tx.send(sql`
    update subscriptions.subscription
       set state = 'Active', paused_at = null, failures = 0, failing_since = null, not_before = null, due_at = ${at}
     where id = ${id}`);
}

/**
 * Subscriptions that may ask for events of these resources that speak of these parties or their main units, locked in the
 * order of ids: their numbers are about to be given. -- index: subscription_resource
 */
export function lockAsking(tx: Tx, resources: readonly string[], subjects: readonly PartyId[]): Promise<Subscription[]> {
  return tx.all<Subscription>(sql`
    select ${columns} from subscriptions.subscription
     where resource = any(${resources}) and (subject_id is null or subject_id = any(${subjects}::uuid[]))
       and validated_at is not null
     order by id for update`);
}

/** Whether anybody asks for events of these resources. -- index: subscription_resource */
export async function isAnyAsking(reader: Reader, resources: readonly string[]): Promise<boolean> {
  return (await reader.maybe(sql`select 1 from subscriptions.subscription where resource = any(${resources}) limit 1`)) !== undefined;
}

export function saveLastNumbers(tx: Tx, rows: readonly { readonly id: number; readonly lastNumber: number }[], at: Date): void {
  tx.send(sql`
    update subscriptions.subscription s
       set last_number = r.last, due_at = case s.state when 'Active' then least(s.due_at, greatest(${at}::timestamptz, s.not_before))
                               when 'Unvalidated' then s.due_at end
      from unnest(${rows.map((r) => r.id)}::int[], ${rows.map((r) => r.lastNumber)}::bigint[]) as r (id, last)
     where s.id = r.id`);
}

export async function isAnySubscription(reader: Reader): Promise<boolean> {
  return (await reader.maybe(sql`select 1 from subscriptions.subscription limit 1`)) !== undefined;
}

/** Until when the former secret goes on signing, of those that have one that does. index: subscription_pkey */
export async function listFormerSecrets(reader: Reader, ids: readonly number[]): Promise<Map<number, Date>> {
  const rows = await reader.all<{ id: number; until: Date }>(sql`
    select id, former_until as until from subscriptions.subscription where id = any(${ids}::int[]) and former_until > statement_timestamp()`);
  return new Map(rows.map(({ id, until }) => [id, until]));
}
