import { mayEach } from '#access/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { listSealed } from '#watch/index.ts';
import type { InboxContext } from './context.ts';
import { partiesAsked } from './party.ts';
import { type CountRow, countOpen, countPutAway } from './store/list.ts';
import type { InboxCounts } from './wire.ts';

const nothing = { unread: 0, due: 0, confirm: 0, confidential: 0, archive: 0, bin: 0 };
type Sums = { -readonly [K in keyof typeof nothing]: number };

/**
 * What lies there for the caller: of a party the newest ten thousand that want something are counted. Single messages that were given
 * to somebody alone are listed and not counted. Refuses personsOnly, partyNotYours.
 */
export async function countInbox(
  ctx: Pick<InboxContext, 'db' | 'now' | 'log'>,
  caller: Caller,
  query: { readonly party: string },
): Promise<InboxCounts> {
  const [party] = await partiesAsked(ctx.db, caller, query.party);
  const [open, away, sealed] = await Promise.all([countOpen(ctx.db, [party!]), countPutAway(ctx.db, party!), listSealed(ctx, caller)]);
  const sums = (await readable(ctx.db, caller, [...open, ...away])).get(party!) ?? nothing;
  return { ...sums, sealed: sealed.sealed.filter((each) => each.party.id === party).length };
}

/** The sums of what the caller may read, by party: one question for all resources at all parties. */
export async function readable(reader: Reader, caller: Caller, rows: readonly CountRow[]): Promise<Map<PartyId, Sums>> {
  const rights = await mayEach(
    reader,
    rows.map(({ party, resource }) => ({ caller, question: { action: 'read', resource, party } })),
  );
  const sums = new Map<PartyId, Sums>();
  for (const [i, row] of rows.entries()) {
    if (!rights[i]!.permit || rights[i]!.by !== 'right') continue;
    const sum = sums.get(row.party) ?? { ...nothing };
    for (const name of Object.keys(nothing) as (keyof Sums)[]) sum[name] += row[name];
    sums.set(row.party, sum);
  }
  return sums;
}
