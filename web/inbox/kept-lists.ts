import type { VirtualItem } from '@tanstack/react-virtual';
import type { Item } from '../api/inbox.ts';

/** What was read of a list, where, and how high its rows are: whoever comes back from a letter finds it as they left it. */
export interface KeptList {
  readonly letters: readonly Item[];
  readonly next: string | null;
  readonly of: string;
  readonly seen: unknown;
  readonly from: string | null;
}

export interface KeptPlace {
  readonly scrollY: number;
  readonly rows: VirtualItem[];
}

/** So many lists are kept, in the memory of the tab: it goes with a reload, and with whoever logs out. */
const most = 4;
const lists = new Map<string, KeptList>();
const places = new Map<string, KeptPlace>();

export function keptList(of: string): KeptList | null {
  return lists.get(of) ?? null;
}

export function keepList(list: KeptList): void {
  lists.delete(list.of);
  lists.set(list.of, list);
  for (const of of [...lists.keys()].slice(0, -most)) {
    lists.delete(of);
    places.delete(of);
  }
}

export function keptPlace(of: string): KeptPlace | null {
  return lists.has(of) ? (places.get(of) ?? null) : null;
}

export function keepPlace(of: string, place: KeptPlace): void {
  places.set(of, place);
}
