import { partiesOf, positionsOf, sendsFor } from '#access/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { PartyId } from '#kernel/ids.ts';
import { listSealed } from '#watch/index.ts';
import { readable } from './count-inbox.ts';
import { personOf } from './party.ts';
import { listPartyRows } from './store/label.ts';
import { countOpen } from './store/list.ts';
import type { PartyPage, PartyQuery } from './wire.ts';

const usualLimit = 50;

/**
 * A page of those whom a person acts for, itself first and then by name, with what lies unread there for it; or the one that is asked
 * for, where it is among them. The same number of statements whatever the number of parties. Refuses personsOnly.
 */
export async function listParties(ctx: Context, caller: Caller, query: PartyQuery): Promise<PartyPage> {
  const person = personOf(caller);
  const limit = query.limit ?? usualLimit;
  const { sealed } = await listSealed(ctx, caller);
  const ids = await askedFor(ctx, caller, query, { all: await partiesOf(ctx.db, person), sealed });
  const found = await listPartyRows(ctx.db, ids, {
    first: person,
    lookedFor: query.q?.trim() || null,
    number: query.number ?? null,
    after: (query.after as PartyId | undefined) ?? null,
    limit: limit + 1,
  });
  const page = found.slice(0, limit);
  const shown = page.map(({ id }) => id);
  const [open, positions, senders] = await Promise.all([
    countOpen(ctx.db, shown),
    positionsOf(ctx.db, person),
    sendsFor(ctx.db, caller, shown),
  ]);
  const sums = await readable(ctx.db, caller, open);
  const administered = new Set(positions.filter((p) => p.isMainAdministrator || p.isAccessManager).map(({ at }) => at));
  return {
    parties: page.map(({ id, kind, number, name, parent }) => {
      const administers = id === person || administered.has(id) || (parent !== null && administered.has(parent));
      return {
        ...{ id, name, kind: parent !== null && kind === 'organization' ? 'subunit' : kind },
        number: kind === 'organization' ? number : null,
        parent: kind === 'organization' ? parent : null,
        unread: sums.get(id)?.unread ?? 0,
        sealed: sealed.filter((each) => each.party.id === id).length,
        administers,
        sends: kind === 'organization' && senders.has(id),
      };
    }),
    next: found.length > limit ? page.at(-1)!.id : null,
  };
}

/** Of all that the person acts for, those that the query is about. */
async function askedFor(
  ctx: Context,
  caller: Caller,
  { id, sends, sealed: isSealed }: PartyQuery,
  { all, sealed }: { readonly all: readonly PartyId[]; readonly sealed: readonly { readonly party: { readonly id: string } }[] },
): Promise<readonly PartyId[]> {
  const lying = isSealed ? new Set<string>(sealed.map(({ party }) => party.id)) : null;
  const named = all.filter((each) => (id === undefined || each === id) && (!lying || lying.has(each)));
  if (!sends) return named;
  const senders = await sendsFor(ctx.db, caller, named);
  return named.filter((each) => senders.has(each));
}
