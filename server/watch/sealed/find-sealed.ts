import { findResources, type Need, type Openability, whoCanOpen } from '#access/index.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { isSealed } from '../openers/openability.ts';
import { thingOf } from '../openers/reevaluate.ts';
import { listNeeds } from '../store/openability.ts';
import { listSealedOf, type SealedRow } from '../store/sealed.ts';

/** Post that nobody at the recipient can open, or of which nobody can open an attachment with the message, as it is now. */
export interface Sealed extends SealedRow {
  /** It was sent as confidential, or a service whose right it takes is: nothing outside tells what it may be about. */
  readonly confidential: boolean;
  /** The rights that opening takes: of the message first, then of attachments with a resource of their own. */
  readonly needs: readonly Need[];
  readonly openability: Openability;
}

/** The sealed post of this id that this person could let somebody in to; asked anew of access. Undefined for whoever could not. */
export async function findSealed(reader: Reader, person: PartyId, about: string): Promise<Sealed | undefined> {
  const rows = await listSealedOf(reader, person, about);
  const needs = await listNeeds(reader, rows);
  const things = rows.map((row) => thingOf(row, needs));
  const found = await whoCanOpen(reader, things);
  const at = found.findIndex((each) => isSealed(each) && each.grantors.some(({ party }) => party === person));
  if (at < 0) return undefined;
  const { needs: taken } = things[at]!;
  const services = await findResources(reader, [...new Set(taken.map(({ resource }) => resource))]);
  const confidential = rows[at]!.confidential || [...services.values()].some((service) => service.confidential);
  return { ...rows[at]!, confidential, needs: taken, openability: found[at]! };
}
