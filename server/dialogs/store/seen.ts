import { type Reader, sql, type Tx } from '#kernel/database.ts';
import { type CorrespondenceId, newId, type PartyId } from '#kernel/ids.ts';

/** That somebody looked at a dialog. */
export interface SeenRow {
  readonly id: string;
  readonly dialog: CorrespondenceId;
  readonly party: PartyId;
  readonly at: Date;
}

/** For a dialog whose context the transaction has locked. Joined writing. */
export function saveSeen(tx: Tx, { dialog, party, at }: Omit<SeenRow, 'id'>): void {
  tx.send(sql`insert into dialogs.seen (id, message_id, party_id, at) values (${newId()}, ${dialog}, ${party}, ${at})`);
  tx.send(sql`update dialogs.context set seen_at = greatest(seen_at, ${at}::timestamptz) where message_id = ${dialog}`);
}

/** As many who looked as are shown of a dialog. */
const mostEntries = 200;

/** Who looked at these dialogs since a time of each, the latest first. index: seen_message */
export function listSeen(
  reader: Reader,
  since: readonly { readonly id: CorrespondenceId; readonly at: Date | null }[],
): Promise<SeenRow[]> {
  return reader.all<SeenRow>(sql`
    select s.id, s.dialog, s.party, s.at
      from unnest(${since.map(({ id }) => id)}::uuid[], ${since.map(({ at }) => at)}::timestamptz[]) as d (id, since)
      cross join lateral (
           select s.id, s.message_id as dialog, s.party_id as party, s.at
             from dialogs.seen s
            where s.message_id = d.id and (d.since is null or s.at >= d.since)
            order by s.at desc, s.id desc
            limit ${mostEntries}) s
     order by s.at desc, s.id desc`);
}

/** Whether somebody has looked at a dialog since a time. index: seen_message */
export async function hasSeen(
  reader: Reader,
  { dialog, party, since }: { readonly dialog: CorrespondenceId; readonly party: PartyId; readonly since: Date },
): Promise<boolean> {
  const row = await reader.maybe(sql`
    select 1 from dialogs.seen where message_id = ${dialog} and party_id = ${party} and at >= ${since}::timestamptz limit 1`);
  return row !== undefined;
}
