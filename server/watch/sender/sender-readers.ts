import type { Reader } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import type { Addressee } from '#notifications/index.ts';
import { mostStandIns, standInOf } from '#register/index.ts';
import { addressees, type Directory, readDirectory } from '../climb/addressees.ts';
import { listItems, type WatchItem } from '../store/item.ts';
import { findSecondContacts, type SecondContact } from '../store/second-contact.ts';
import { type WatchKey, watchKey } from '../types.ts';

type Sending = Pick<WatchItem, 'sender' | 'sentBy'>;

/** Whoever may have to hear of it. */
export const hearersOf = ({ sender, sentBy }: Sending): PartyId[] => (sentBy === null ? [sender] : [sentBy, sender]);

/** Whoever events about these pieces of post go to, by `watchKey`. */
export async function listHearers(reader: Reader, keys: readonly WatchKey[]): Promise<ReadonlyMap<string, readonly PartyId[]>> {
  return new Map((await listItems(reader, keys)).map((item) => [watchKey(item), hearersOf(item)]));
}

/**
 * Pure. Who hears of a piece of post by mail: who sent it; the owner of the service that it was sent on only where nobody can be told for
 * who sent it. Undefined: nobody at all.
 */
export function hearerOf(item: Sending, told: { has(party: PartyId): boolean }): PartyId | undefined {
  return hearersOf(item).find((party) => told.has(party));
}

/**
 * Pure. Whose second contact hears of it as well: that of who hears. The owner's is not told of what another has sent while that other can
 * be told. Undefined: who hears has named none.
 */
export function secondHearerOf(
  item: Sending,
  {
    senderReaders,
    secondContacts,
  }: { readonly senderReaders: { has(party: PartyId): boolean }; readonly secondContacts: { has(party: PartyId): boolean } },
): PartyId | undefined {
  const hearer = hearerOf(item, senderReaders);
  return hearer !== undefined && secondContacts.has(hearer) ? hearer : undefined;
}

/**
 * Who hears for each sender: itself; of one that is gone or has no address, what it went into or is part of; where neither has an address,
 * its second contact. A sender is missing only where nobody at all can be told.
 */
export async function readSenderReaders(
  reader: Reader,
  directory: Directory,
  senders: readonly PartyId[],
): Promise<ReadonlyMap<PartyId, readonly Addressee[]>> {
  const found = new Map<PartyId, readonly Addressee[]>();
  for (const sender of senders) found.set(sender, reached(directory, sender));
  const silent = () => [...found].flatMap(([sender, those]) => (those.length === 0 ? [sender] : []));
  await followHeirs(reader, directory, silent(), found);
  const mute = silent();
  const second = await findSecondContacts(reader, mute);
  for (const [sender, contact] of second) found.set(sender, atSecondContact(directory, sender, contact));
  return new Map([...found].filter(([, those]) => those.length > 0));
}

/** A subunit at its main unit's addresses: then it is the main unit that hears. */
const reached = (directory: Directory, id: PartyId) =>
  addressees(directory, [id])
    .filter(({ contactPoints }) => contactPoints.length > 0)
    .map((each) => ({ ...each, id: directory.mainUnitOf?.get(id) ?? id }));

async function followHeirs(
  reader: Reader,
  first: Directory,
  silent: readonly PartyId[],
  found: Map<PartyId, readonly Addressee[]>,
): Promise<void> {
  let directory = first;
  let coming = silent.flatMap((sender) => heirOf(directory, sender, sender));
  for (let step = 0; step < mostStandIns && coming.length > 0; step++) {
    directory = await readDirectory(
      reader,
      coming.map(({ heir }) => heir),
    );
    for (const { sender, heir } of coming) found.set(sender, reached(directory, heir));
    coming = coming.filter(({ sender }) => found.get(sender)!.length === 0).flatMap(({ sender, heir }) => heirOf(directory, sender, heir));
  }
}

/** What it went into; else what it is part of. */
function heirOf({ parties }: Directory, sender: PartyId, of: PartyId): { sender: PartyId; heir: PartyId }[] {
  const party = parties.get(of);
  const heir = party && standInOf(party);
  return heir ? [{ sender, heir }] : [];
}

/** Also for a sender that is gone. */
export function atSecondContact({ parties }: Directory, sender: PartyId, { email, sms }: SecondContact): Addressee[] {
  const contactPoints = [
    ...(email === null ? [] : [{ channel: 'email' as const, address: email }]),
    ...(sms === null ? [] : [{ channel: 'sms' as const, address: sms }]),
  ];
  return [{ id: sender, language: parties.get(sender)?.language ?? 'nb', contactPoints }];
}
