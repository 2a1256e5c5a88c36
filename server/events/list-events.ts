import type { Reader } from '#kernel/database.ts';
import {
  findPosition,
  listRows,
  listRowsBetween,
  listRowsById,
  listRowsOfInstances,
  listRowsOfResource,
  type NumberedRow,
  type OutboxRow,
} from './store.ts';

export interface EventPage {
  /** Events after this id; from the first when left out. */
  readonly after?: string | undefined;
  /** At most 500, and 500 when left out. */
  readonly limit?: number | undefined;
}

/**
 * Events in the order of their ids. The order is near the order of commits but is not it: a transaction that took long
 * may come in behind a reader's place. Who must miss nothing reads by number: `pageOfEvents`.
 */
export function listEvents(reader: Reader, page: EventPage = {}): Promise<OutboxRow[]> {
  return listRows(reader, page.after ?? null, Math.min(page.limit ?? 500, 500));
}

/** The events of these things, oldest first, 500 at most: for a timeline. */
export function listEventsOf(reader: Reader, resourceInstances: readonly string[]): Promise<OutboxRow[]> {
  return listRowsOfInstances(reader, resourceInstances, 500);
}

/** A page of one resource's events in the order of their numbers. */
export interface EventsOfResource {
  readonly resource: string;
  /** The number after which it begins; 0 for the first. */
  readonly after: number;
  /** URNs or alternative subjects, any of which the event speaks of; null for all. */
  readonly subjects: readonly string[] | null;
  readonly types: readonly string[] | null;
  /** At most 1000. */
  readonly limit: number;
}

/** Nothing comes in behind a place that was read: see `numberEvents`. */
export function pageOfEvents(reader: Reader, { limit, ...of }: EventsOfResource): Promise<NumberedRow[]> {
  return listRowsOfResource(reader, of, Math.min(limit, 1000));
}

/** Where a reader who last saw this event goes on; one that has been deleted meanwhile is replaced by its neighbour. */
export function placeOfEvent(reader: Reader, id: string): Promise<number> {
  return findPosition(reader, id);
}

/** Numbered events of a resource from `from` to `to`, both included, in order. */
export function eventsBetween(
  reader: Reader,
  of: { readonly resource: string; readonly from: Date; readonly to: Date },
  limit: number,
): Promise<NumberedRow[]> {
  return listRowsBetween(reader, of, limit);
}

export async function findEvents(reader: Reader, ids: readonly string[]): Promise<Map<string, OutboxRow>> {
  if (ids.length === 0) return new Map();
  return new Map((await listRowsById(reader, ids)).map((row) => [row.id, row]));
}
