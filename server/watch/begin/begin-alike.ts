import { column } from '#kernel/columns.ts';
import type { Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { checkPublication } from '../climb/decide-step.ts';
import type { StoredOpenability } from '../openers/openability.ts';
import { saveGrantors } from '../store/begin.ts';
import { saveAlikeFirstSteps, saveAlikeItems, saveAlikeNeeds, saveAlikeSteps } from '../store/begin-alike.ts';
import { saveSealedAtOnce } from '../store/sealed-at-once.ts';
import type { AlikeWatches } from '../types.ts';
import { publicationCheckDueAt } from './begin-watches.ts';

/** One of them, with its openability in counts, as a watch keeps it. */
export interface AlikeWatch extends StoredOpenability {
  readonly about: string;
  readonly party: PartyId;
  /** Who could let somebody in. Heeded while nobody can open it, or an attachment of it. */
  readonly grantorIds: readonly string[];
}

/** `beginWatches` for many that are alike but for thing, party and openability: what they share is sent once. The rows are the same. */
export function beginAlikeWatches(tx: Tx, alike: AlikeWatches, rows: readonly AlikeWatch[]): void {
  if (rows.length === 0) return;
  const keys = { about: column(rows.map((row) => row.about)), party: column(rows.map((row) => row.party)) };
  const sealed = column(rows.map((row) => row.openers === 0 || row.attachmentLocked));
  saveAlikeItems(tx, alike, {
    ...keys,
    sealed,
    class: column(rows.map((row) => row.class)),
    openers: column(rows.map((row) => row.openers)),
    grantors: column(rows.map((row) => row.grantors)),
    attachmentLocked: column(rows.map((row) => row.attachmentLocked)),
    accessVersion: column(rows.map((row) => row.accessVersion)),
  });
  saveAlikeNeeds(tx, alike, keys);
  const without = rows.filter((row) => row.openers === 0 || row.attachmentLocked);
  saveGrantors(
    tx,
    without.flatMap(({ about, party, grantorIds }) => grantorIds.map((grantor) => ({ about, party, grantor }))),
  );
  if (!alike.publishedAt) {
    saveAlikeSteps(tx, { spec: checkPublication, dueAt: publicationCheckDueAt(alike.expectedPublishAt), at: alike.at }, keys);
    return;
  }
  const at = alike.publishedAt;
  saveAlikeFirstSteps(tx, { ...alike, publishedAt: at }, { ...keys, sealed });
  saveSealedAtOnce(
    tx,
    without.map(({ about, party }) => ({ about, party, at })),
  );
}
