import type { Reader } from '#kernel/database.ts';
import { listRows, listRowsOfInstances, type OutboxRow } from './store.ts';

export interface EventPage {
  /** Events after this id; from the first when left out. */
  readonly after?: string | undefined;
  /** At most 500, and 500 when left out. */
  readonly limit?: number | undefined;
}

/**
 * Events in the order of their ids. The order is near the order of commits but is not it: a transaction that took long
 * may come in behind a reader's place. Who must miss nothing needs the numbers that delivery to subscribers brings.
 */
export function listEvents(reader: Reader, page: EventPage = {}): Promise<OutboxRow[]> {
  return listRows(reader, page.after ?? null, Math.min(page.limit ?? 500, 500));
}

/** The events of these things, oldest first, 500 at most: for a timeline. */
export function listEventsOf(reader: Reader, resourceInstances: readonly string[]): Promise<OutboxRow[]> {
  return listRowsOfInstances(reader, resourceInstances, 500);
}
