import type { Reader } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { contactPoints, findParty, mostStandIns, type Party, standInOf } from '#register/index.ts';
import { findRoutine, listAddresses, type Routine } from '../store/routine.ts';

/** To which addresses an extract goes, and in whose place they are. */
export interface Readers {
  readonly emails: readonly string[];
  /** The sender is gone, and these are the addresses of who stands in for it. */
  readonly standIn: Party | null;
  /** The sender is gone, and nobody is written to: nobody stands in for it, or who does has no address or has said itself when it is told. */
  readonly isStopped: boolean;
}

const nobody: Readers = { emails: [], standIn: null, isStopped: true };

/**
 * Who gets the extract that a sender has set: the addresses that it has named, and that are its own in the register today or somebody there
 * has confirmed. When the sender is gone, they
 * are told nothing more: it goes to who stands in for it, at the addresses that the register has, until that one sets an extract of its own,
 * which has this post too.
 */
export async function readersOf(reader: Reader, routine: Pick<Routine, 'sender'>, sender: Party): Promise<Readers> {
  if (sender.alive) {
    const addresses = await listAddresses(reader, routine.sender);
    const own = new Set(await emailsOf(reader, routine.sender));
    const good = addresses.filter(({ email, confirmedAt }) => confirmedAt !== null || own.has(email));
    return { emails: good.map(({ email }) => email), standIn: null, isStopped: false };
  }
  const standIn = await livingStandIn(reader, sender);
  if (!standIn || (await findRoutine(reader, standIn.id))) return nobody;
  const emails = await emailsOf(reader, standIn.id);
  return emails.length > 0 ? { emails, standIn, isStopped: false } : nobody;
}

/** The first on the way that is not gone itself. */
async function livingStandIn(reader: Reader, sender: Party): Promise<Party | undefined> {
  let party: Party | undefined = sender;
  for (let step = 0; step < mostStandIns && party && !party.alive; step++) {
    const next: PartyId | null = standInOf(party);
    party = next === null ? undefined : await findParty(reader, next);
  }
  return party?.alive ? party : undefined;
}

/** As the register has them at this moment, in small letters. */
export async function emailsOf(reader: Reader, party: PartyId): Promise<string[]> {
  const points = (await contactPoints(reader, [party])).get(party) ?? [];
  return [...new Set(points.flatMap(({ channel, address }) => (channel === 'email' ? [address.toLowerCase()] : [])))];
}
