import type { Caller } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { mayEach } from '../may.ts';
import { listConfidential } from './store.ts';
import type { AuditEntry } from './wire.ts';

/**
 * The same entries, without the service of confidential post that the caller may not read: its name can say what a letter is about, and is
 * not on the envelope either. Asked by service, such entries are not there at all.
 */
export async function hideNames(
  tx: Tx,
  caller: Caller,
  party: PartyId,
  entries: readonly AuditEntry[],
  byResource = false,
): Promise<AuditEntry[]> {
  const about = entries.flatMap((entry) => (entry.resource === null ? [] : (entry.about ?? [])));
  const confidential = await listConfidential(tx, party, [...new Set(about)]);
  const doubtful = entries.filter((entry) => entry.resource !== null && entry.about !== null && confidential.has(entry.about));
  const rights = await mayEach(
    tx,
    doubtful.map((entry) => ({
      caller,
      question: { action: 'read', resource: entry.resource as ResourceId, party, instance: entry.about! },
    })),
  );
  const hidden = new Set(doubtful.filter((_, i) => rights[i]!.by !== 'right'));
  if (byResource) return entries.filter((entry) => !hidden.has(entry));
  return entries.map((entry) => (hidden.has(entry) ? { ...entry, resource: null } : entry));
}
