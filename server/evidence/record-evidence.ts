import type { Tx } from '#kernel/database.ts';
import { newId } from '#kernel/ids.ts';
import { evidenceEvents } from './event-names.ts';
import { type EvidenceRow, partsOf } from './parts.ts';
import { saveEvidence, saveFeed } from './store.ts';

/**
 * Records what happened, in the transaction that makes it true. Two statements for any number of rows:
 * the rows, and the transaction's mark for the sequencer, which widens when a transaction records more than once.
 * Throws before anything is sent when a row cannot be written canonically or has a thing in the wrong part.
 * Source: compatibility.md, evidence, §1.5 and §5.1.
 */
export function recordEvidence(tx: Tx, rows: readonly EvidenceRow[]): void {
  if (rows.length === 0) return;
  const stored = rows.map((row) => {
    const id = row.id ?? newId();
    return {
      id,
      about: row.about,
      recipient: row.recipient ?? null,
      event: evidenceEvents[row.event],
      at: row.at,
      proves: row.proves,
      ...partsOf(id, row),
    };
  });
  saveEvidence(tx, stored);
  const ids = stored.map((row) => row.id).sort();
  saveFeed(tx, { lo: ids[0]!, hi: ids[ids.length - 1]!, n: ids.length });
}
