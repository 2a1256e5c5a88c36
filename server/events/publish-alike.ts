import { column } from '#kernel/columns.ts';
import type { Tx } from '#kernel/database.ts';
import { newId } from '#kernel/ids.ts';
import type { EventRow } from './publish-events.ts';
import { saveAlikeEvents } from './store.ts';

/** The same event of many things: what differs is the thing and whom the event speaks of. Numbers and URNs only. */
export interface AlikeEvents extends Pick<EventRow, 'type' | 'source' | 'resource' | 'at'> {
  readonly instances: readonly string[];
  readonly subjects: readonly string[];
  readonly alternativeSubjects: readonly (string | null)[];
}

/** `publishEvents` for events alike. Joined writing. */
export function publishAlikeEvents(tx: Tx, { instances, subjects, alternativeSubjects, ...alike }: AlikeEvents): void {
  if (instances.length === 0) return;
  saveAlikeEvents(tx, alike, {
    ids: column(instances.map(() => newId())),
    instances: column(instances),
    subjects: column(subjects),
    alternativeSubjects: column(alternativeSubjects),
  });
}
