import type { Reader } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import type { AddressGone, DueNotice, Purpose } from '#notifications/index.ts';
import { listUnkept } from '#register/index.ts';
import { addressees, readDirectory } from '../climb/addressees.ts';
import { sections } from '../sender/digest-numbers.ts';
import { listItems } from '../store/item.ts';
import { findSecondContacts } from '../store/second-contact.ts';
import { listToldTogether } from '../store/step.ts';
import { listSaid } from '../store/told.ts';
import { type WatchKey, watchKey } from '../types.ts';

type Addressed = DueNotice & { readonly to: PartyId };

/** These go to addresses that nobody keeps in the register: they are asked whether they are somebody's. */
const toWhomeverAnswers: ReadonlySet<Purpose> = new Set(['confirm-address', 'prove-address', 'stale-address']);
const toSenders: ReadonlySet<Purpose> = new Set(sections);

/**
 * Of these notices, about to be handed over, those whose address is its addressee's no more, with where they are told by the same channel now.
 * What a sender gave for one message as a mere address is its own affair, and so is its second contact while it is that. Fills a part of the hook
 * of notifications.
 */
export async function findMoved(reader: Reader, notices: readonly DueNotice[]): Promise<ReadonlyMap<string, AddressGone>> {
  const kept = notices.filter((one): one is Addressed => one.to !== null && !toWhomeverAnswers.has(one.purpose));
  const unkept = await listUnkept(
    reader,
    kept.map(({ id, to, channel, address }) => ({ id, party: to, channel, address })),
  );
  const gone = kept.filter(({ id }) => unkept.has(id));
  if (gone.length === 0) return new Map();
  const [ofSenders, ofPost] = [gone.filter(({ purpose }) => toSenders.has(purpose)), gone.filter(({ purpose }) => !toSenders.has(purpose))];
  const [senders, post] = await Promise.all([whereSendersAre(reader, ofSenders), whereReadersAre(reader, ofPost)]);
  return new Map([...senders, ...post]);
}

/** Those whom a sender named by number are told where they are told of their own post; so are those whose post is not known. */
async function whereReadersAre(reader: Reader, gone: readonly Addressed[]): Promise<Map<string, AddressGone>> {
  if (gone.length === 0) return new Map();
  const common = await listToldTogether(
    reader,
    gone.filter(({ about }) => about === null).map(({ step }) => step),
  );
  const keyOf = ({ about, party, step }: Addressed): WatchKey | undefined =>
    about !== null && party !== null ? { about, party } : common.find((each) => each.step === step);
  const items = await listItems(
    reader,
    gone.flatMap((one) => keyOf(one) ?? []),
  );
  const itemOf = new Map(items.map((item) => [watchKey(item), item]));
  const directory = await readDirectory(reader, new Set([...gone.map(({ to }) => to), ...items.map(({ party }) => party)]));
  return new Map(
    gone.map((one) => {
      const key = keyOf(one);
      const item = key && one.orderedFor !== 'custom' ? itemOf.get(watchKey(key)) : undefined;
      const points = addressees(directory, [one.to], item).flatMap(({ contactPoints }) => contactPoints);
      return [one.id, { instead: points.filter(({ channel }) => channel === one.channel).map(({ address }) => address) }];
    }),
  );
}

/** What was to go to a second contact goes to the one that there is now. Without any it fails, and is said anew to whoever hears for the sender. */
async function whereSendersAre(reader: Reader, gone: readonly Addressed[]): Promise<Map<string, AddressGone>> {
  if (gone.length === 0) return new Map();
  const senders = [...new Set(gone.map(({ to }) => to))];
  const [second, said, directory] = await Promise.all([
    findSecondContacts(reader, senders),
    listSaid(reader, [...new Set(gone.map(({ step }) => step))]),
    readDirectory(reader, senders),
  ]);
  const toSecond = new Set(said.filter(({ isSecond }) => isSecond).map(({ step }) => step));
  return new Map(
    gone.flatMap((one): [string, AddressGone][] => {
      const theirs = second.get(one.to)?.[one.channel] ?? null;
      if (theirs !== null && theirs.toLowerCase() === one.address.toLowerCase()) return [];
      const own = (directory.points.get(one.to) ?? []).filter(({ channel }) => channel === one.channel).map(({ address }) => address);
      return [[one.id, { instead: toSecond.has(one.step) ? (theirs === null ? [] : [theirs]) : own }]];
    }),
  );
}
