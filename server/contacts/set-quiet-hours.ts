import type { Caller, Context } from '#kernel/context.ts';
import type { PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { type QuietHours, quietMinutes, saveQuietHours } from '#register/index.ts';
import { contactErrors as e } from './errors.ts';
import { viewOf } from './list-addresses.ts';
import { changerOf, partyKeptBy } from './whose.ts';
import type { ContactAddresses, NewQuietHours } from './wire.ts';

const hour = 60;
/** When SMS go. Source: compatibility.md, correspondence, §6.4. */
const [opens, closes] = [9 * hour, 17 * hour];

/**
 * When a party wants no notices, every day; null: at any time. What falls into them goes when they end, unless the post is due before
 * that. Eight hours of a day must be left, and two of those in which SMS go: else a notice might never find its time.
 * Refuses personsOnly, loginTooLow, partyNotYours, quietTooLong.
 */
export function setQuietHours(ctx: Context, caller: Caller, wish: NewQuietHours): Promise<ContactAddresses> {
  const person = changerOf(caller);
  const hours = wish.quietHours && { from: minutesOf(wish.quietHours.from), to: minutesOf(wish.quietHours.to) };
  if (hours && !leavesRoom(hours)) throw refuse(e.quietTooLong);
  return ctx.db.transaction(async (tx) => {
    const party = await partyKeptBy(tx, person, wish.party as PartyId);
    saveQuietHours(tx, party.id, hours, ctx.now());
    return viewOf(tx, party);
  });
}

/** Pure. From a time to itself is all day. */
export function leavesRoom(hours: QuietHours): boolean {
  if (hours.from === hours.to) return false;
  return quietMinutes(hours) <= 16 * hour && quietMinutes(hours, opens, closes) <= closes - opens - 2 * hour;
}

function minutesOf(clock: string): number {
  const [hours, minutes] = clock.split(':').map(Number);
  return hours! * hour + minutes!;
}
