import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import type { WatchKey } from '../types.ts';

export interface LeftOut extends WatchKey {
  /** Code or name of what went wrong. */
  readonly error: string;
  readonly since: Date;
  readonly until: Date;
}

export function saveLeftOut(tx: Tx, { about, party, error, since, until }: LeftOut): void {
  tx.send(sql`
    insert into watch.left_out as l (about, party_id, error, since, until) values (${about}, ${party}, ${error}, ${since}, ${until})
    on conflict (about, party_id) do update
       set error = excluded.error, until = excluded.until,
           since = case when l.until > excluded.since - interval '10 minutes' then l.since else excluded.since end`);
}

/** Its error, of one that is not there at all. */
export const lostWatch = 'missing';

/** Of rows of `watch.left_out`: it was missing, and is so as yet. -- index: the primary key */
export const isLost = sql`(left_out.error = ${lostWatch}
       and not exists (select from watch.item i where i.about = left_out.about and i.party_id = left_out.party_id))`;

/** What was let be long ago is forgotten. -- index: left_out_until */
export function forgetLeftOut(tx: Tx): void {
  tx.send(sql`delete from watch.left_out where until < clock.now() - interval '1 day' and not ${isLost}`);
}

export interface OwedAct extends WatchKey {
  readonly act: 'opened' | 'handed-over' | 'fetched' | 'confirmed';
  readonly at: Date;
  readonly by: PartyId | null;
}

/** The first of each stays. */
export function saveOwed(tx: Tx, rows: readonly OwedAct[], error: string): void {
  if (rows.length === 0) return;
  tx.send(sql`
    insert into watch.owed_act (about, party_id, act, at, by_id, error)
    select r.about, r.party, r.act, r.at, r.by, ${error}
      from json_to_recordset(${JSON.stringify(rows)}) as r(about uuid, party uuid, act text, at timestamptz, by uuid)
    on conflict do nothing`);
}

/** Oldest first, after this one. -- index: owed_act_at */
export function listOwed(reader: Reader, after: OwedAct | null, limit: number): Promise<OwedAct[]> {
  const isAfter = after ? sql`(at, about, party_id, act) > (${after.at}, ${after.about}, ${after.party}, ${after.act})` : sql`true`;
  return reader.all<OwedAct>(sql`
    select about, party_id as party, act, at, by_id as by from watch.owed_act
     where ${isAfter} order by at, about, party_id, act limit ${limit}`);
}

/** What these have not heard yet, in the order in which it was done. -- index: the primary key */
export function listOwedTo(reader: Reader, keys: readonly WatchKey[]): Promise<OwedAct[]> {
  return reader.all<OwedAct>(sql`
    select o.about, o.party_id as party, o.act, o.at, o.by_id as by from watch.owed_act o
      join unnest(${keys.map((k) => k.about)}::uuid[], ${keys.map((k) => k.party)}::uuid[]) as k(about, party_id)
        on o.about = k.about and o.party_id = k.party_id
     order by o.at, o.act = 'confirmed'`);
}

/** Whoever takes it up is the only one; undefined: another has. */
export async function takeOwed(tx: Tx, { about, party, act }: OwedAct): Promise<boolean> {
  return (await tx.run(sql`delete from watch.owed_act where about = ${about} and party_id = ${party} and act = ${act}`)) > 0;
}
