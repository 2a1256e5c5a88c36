import type { Reader } from '#kernel/database.ts';
import type { WatchItem } from '../store/item.ts';
import type { WatchView } from '../wire.ts';
import { listPastCauses } from './store.ts';

/** Why a watch was open, since it was a day old: one cause at a time, the present one last and without an end while it is open. */
export async function listCauses(reader: Reader, item: WatchItem): Promise<WatchView['causes']> {
  if (item.cause === null) return [];
  const past = await listPastCauses(reader, item);
  return [
    ...past.map(({ cause, from, to }) => ({ cause, from: from.toISOString(), to: to.toISOString() })),
    { cause: item.cause, from: item.causeSince!.toISOString(), to: item.settledAt?.toISOString() ?? null },
  ];
}
