import { type Reader, type Sql, sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { isOpen, openByKey } from '../store/open.ts';
import { type WatchKey, watchKey } from '../types.ts';
import type { Cause } from './cause.ts';

/** Watches younger than this have no cause yet: that is how long post may lie before anybody asks why. */
const ripeAfter = sql`interval '1 day'`;

/** Asked once for a statement, and not for each row that it compares. */
const present = sql`(select clock.now())`;

const keysOf = (keys: readonly WatchKey[]): Sql =>
  sql`select * from unnest(${keys.map((k) => k.about)}::uuid[], ${keys.map((k) => k.party)}::uuid[]) as k(about, party_id)`;

/**
 * What `keys` selects, with its stored cause beside the one that the facts give, where they differ. `offset 0`: what the facts give is
 * planned and worked out once, and not again for each place at which it is named. Age is worded so that no index is looked for by it.
 */
function differing(keys: Sql, at: Sql): Sql {
  return sql`
    select i.about, i.party_id, i.cause as was, i.cause_since as since, f.cause as becomes
      from (${keys}) k
      ${openByKey}
     cross join lateral (select c.cause from watch.cause_by_facts c where c.about = i.about and c.party_id = i.party_id offset 0) f
     where ${at} - i.begun_at >= ${ripeAfter} and i.cause is distinct from f.cause`;
}

/** Stores the cause that the facts give, and moves the one before it to the past. Answers what has changed, one row each. */
function mend(keys: Sql, at: Sql): Sql {
  return sql`
    with changed as materialized (${differing(keys, at)}),
    past as (
      insert into watch.cause_past (about, party_id, cause, from_at, to_at)
      select about, party_id, was, since, greatest(since, ${at}) from changed where was is not null
      on conflict do nothing)
    update watch.item i set cause = c.becomes, cause_since = greatest(${at}, c.since)
      from changed c
     where i.about = c.about and i.party_id = c.party_id`;
}

/** Joined writing, of watches that the transaction holds. */
export function sendCauses(tx: Tx, keys: readonly WatchKey[]): void {
  tx.send(mend(keysOf(keys), present));
}

/** Why open watches are unread as the facts give it now, also of those that are too young to have a cause stored. By `about party`. */
export async function readCauses(reader: Reader, keys: readonly WatchKey[]): Promise<Map<string, Cause>> {
  if (keys.length === 0) return new Map();
  const rows = await reader.all<WatchKey & { cause: Cause }>(sql`
    select k.about, k.party_id as party, f.cause
      from (${keysOf(keys)}) k
     cross join lateral (select c.cause from watch.cause_by_facts c where c.about = k.about and c.party_id = k.party_id) f`);
  return new Map(rows.map((row) => [watchKey(row), row.cause]));
}

/** Watches that have become ripe since somebody looked, named at once; how many. -- index: item_open_uncaused */
export function nameRipe(tx: Tx, limit: number): Promise<number> {
  return tx.run(
    mend(
      sql`
      select about, party_id from watch.item
       where settled_at is null and cause is null and begun_at <= ${present} - ${ripeAfter}
       order by begun_at limit ${limit} for update skip locked`,
      present,
    ),
  );
}

export interface Place {
  readonly about: string | null;
  readonly party: PartyId | null;
}

/** Where the round stands; whoever asks holds it until its transaction ends. Undefined: another worker has it. */
export function holdRound(tx: Tx): Promise<Place | undefined> {
  return tx.maybe<Place>(
    sql`select after_about as about, after_party as party from watch.cause_sweep where only_row for update skip locked`,
  );
}

/** The next open watches in the order of their keys. -- index: the primary key */
export function listNextOpen(reader: Reader, after: Place, limit: number): Promise<(WatchKey & { readonly party: PartyId })[]> {
  const from = after.about === null ? sql`` : sql`and (about, party_id) > (${after.about}::uuid, ${after.party}::uuid)`;
  return reader.all(sql`
    select about, party_id as party from watch.item
     where settled_at is null and cause is not null ${from}
     order by about, party_id limit ${limit}`);
}

/** Mends those whose stored cause is not what the facts give; those that others hold are mended by them. Answers how many. */
export async function mendDrifted(tx: Tx, keys: readonly WatchKey[]): Promise<number> {
  if (keys.length === 0) return 0;
  const drifted = await tx.all<WatchKey>(sql`
    select d.about, d.party_id as party from (${differing(keysOf(keys), present)}) d`);
  if (drifted.length === 0) return 0;
  const held = await tx.all<WatchKey>(sql`
    select i.about, i.party_id as party from watch.item i join (${keysOf(drifted)}) k on i.about = k.about and i.party_id = k.party_id
     where ${isOpen} order by i.about, i.party_id for update of i skip locked`);
  return held.length === 0 ? 0 : tx.run(mend(keysOf(held), present));
}

/** Of these open watches, those that lack what each must have are known from here on (rule `every open watch that a round has seen …`). Answers how many. */
export async function noteFaulty(tx: Tx, keys: readonly WatchKey[]): Promise<number> {
  if (keys.length === 0) return 0;
  return tx.run(sql`
    insert into watch.fault_found (about, party_id)
    select f.about, f.party_id from watch.faulty f join (${keysOf(keys)}) k on f.about = k.about and f.party_id = k.party_id
    on conflict do nothing`);
}

export function saveRound(tx: Tx, to: Place | null, compared: number, mended: number): void {
  tx.send(sql`
    update watch.cause_sweep
       set after_about = ${to?.about ?? null}, after_party = ${to?.party ?? null}, compared = compared + ${compared}, mended = mended + ${mended},
           rounds = rounds + ${to === null ? 1 : 0}, round_began = case when ${to === null} then null else coalesce(round_began, clock.now()) end,
           last_mended_at = case when ${mended} > 0 then clock.now() else last_mended_at end`);
}

/** What comparing has found since the database was made. */
export interface CauseDrift {
  readonly compared: number;
  /** Stored causes that were not what the facts gave, and are now. */
  readonly mended: number;
  readonly rounds: number;
  readonly lastMendedAt: Date | null;
}

export function readCauseDrift(reader: Reader): Promise<CauseDrift> {
  return reader.one<CauseDrift>(sql`
    select compared::float8 as compared, mended::float8 as mended, rounds::float8 as rounds, last_mended_at as "lastMendedAt" from watch.cause_sweep`);
}

export interface CauseSpan {
  readonly cause: Cause;
  readonly from: Date;
  readonly to: Date;
}

/** -- index: the primary key */
export function listPastCauses(reader: Reader, key: WatchKey): Promise<CauseSpan[]> {
  return reader.all<CauseSpan>(sql`
    select cause, from_at as "from", to_at as "to" from watch.cause_past
     where about = ${key.about} and party_id = ${key.party} order by from_at, to_at limit 1000`);
}
