import type { Caller, Context } from '#kernel/context.ts';
import { refuse } from '#kernel/refusal.ts';
import { inboxErrors as e } from './errors.ts';
import { partiesAsked } from './party.ts';
import { readPlace, writePlace } from './place.ts';
import { type Standing, standingsOf, whereItReads } from './rights.ts';
import { beginningsOf } from './search-words.ts';
import { showEntries } from './show-entries.ts';
import { type EntryRow, listEntries, type Wanted } from './store/list.ts';
import { placeKey } from './store/place-key.ts';
import type { InboxItem, InboxList, InboxQuery } from './wire.ts';

/** As many parties as one search goes through. */
const searchedParties = 100;
const usualLimit = 50;
/** Of what lies there the caller may not see all: after a first look at a page’s worth so many are looked at at a time, and so often before a page comes short. */
const lookedAtOnce = 200;
const mostLooks = 5;

/**
 * What came to a person, or to a party that it acts for: a page in order, found by key. Rights are asked of each line: what the
 * caller may not open is not there. What it could open with a higher level of login stands without its title and labels, and no search finds it.
 * Words and labels are looked for only where the caller may read, so that no answer takes longer for what it may not. A page may come short
 * and still say that there is more; where that is, is said in a form that tells nothing. Nothing is opened by it.
 *
 * Refuses personsOnly, partyNotYours, placeNotValid, tooManyParties.
 */
export async function listInbox(ctx: Context, caller: Caller, query: InboxQuery): Promise<InboxList> {
  const order = query.sort ?? 'newest';
  const limit = query.limit ?? usualLimit;
  const parties = await partiesAsked(ctx.db, caller, query.party);
  const text = query.q?.trim();
  if (text && parties.length > searchedParties) throw refuse(e.tooManyParties, { most: searchedParties });
  let after = query.after === undefined ? null : readPlace(await placeKey(ctx.db), query.after, order);
  const label = query.label?.trim().toLowerCase() || null;
  const wanted: Omit<Wanted, 'after' | 'limit'> = {
    ...{ parties, folder: query.folder ?? 'inbox', order, label },
    within: text || label ? await whereItReads(ctx.db, caller, parties) : null,
    ...{ unread: query.unread ?? false, due: query.due ?? false, confirm: query.confirm ?? false },
    confidential: query.confidential ?? false,
    search: text ? { text, beginnings: beginningsOf(text) } : null,
  };
  const shown: { readonly entry: EntryRow; readonly standing: Standing }[] = [];
  let more = true;
  for (let look = 0; more && look < mostLooks && shown.length < limit; look += 1) {
    const looked = look === 0 ? limit : lookedAtOnce;
    const found = await listEntries(ctx.db, { ...wanted, after, limit: looked + 1 });
    more = found.length > looked;
    const rows = found.slice(0, looked);
    const standings = await standingsOf(ctx.db, caller, rows);
    for (const [i, entry] of rows.entries()) {
      const standing = standings[i]!;
      if (shown.length === limit) {
        more = true;
        break;
      }
      after = { at: entry.place, id: entry.id, party: entry.party };
      if (isShown(standing, { isSearch: Boolean(text), isByLabel: wanted.label !== null })) shown.push({ entry, standing });
    }
  }
  const items = (await showEntries(ctx.db, shown, ctx.now())).filter((item) => isStillWanted(item, query));
  return { items, next: more && after ? writePlace(await placeKey(ctx.db), order, after) : null };
}

/** Pure. A label can say more than the letter: nothing is found by one on what was shared for reading, or that takes a higher login. */
function isShown({ can, readsOnly }: Standing, by: { readonly isSearch: boolean; readonly isByLabel: boolean }): boolean {
  if (can === 'open') return !(by.isByLabel && readsOnly);
  return can === 'level' && !by.isSearch && !by.isByLabel;
}

/** Pure. What has been opened or confirmed a moment ago is wanted no more. */
function isStillWanted({ unread, confirmNeeded, confirmedAt }: InboxItem, wanted: InboxQuery): boolean {
  return (!wanted.unread || unread) && (!wanted.confirm || (confirmNeeded && confirmedAt === null));
}
