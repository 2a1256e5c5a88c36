import { column } from '#kernel/columns.ts';
import type { Tx } from '#kernel/database.ts';
import { newId } from '#kernel/ids.ts';
import { evidenceEvents } from './event-names.ts';
import { type EvidenceRow, partsOf } from './parts.ts';
import { saveAlikeEvidence, saveFeed } from './store.ts';

/** The things that evidence alike is about, with their recipients. */
export interface AlikeThings {
  readonly about: readonly string[];
  readonly recipients: readonly string[];
  /** For each thing the place of its kind in `kinds`. */
  readonly kind: readonly number[];
}

/** What things of one kind have in common in their evidence. */
export type EvidenceKind = Omit<EvidenceRow, 'about' | 'recipient'>;

/** Stand in a pattern where a row has its own. */
const marks = {
  id: '00000000-0000-7000-8000-000000000001',
  about: '00000000-0000-7000-8000-000000000002',
  recipient: '00000000-0000-7000-8000-000000000003',
};

/**
 * `recordEvidence` for many things of few kinds: the canonical texts are made once for each kind, and each row's own ids are put
 * in by the database. The rows are the same, to the letter.
 */
export function recordAlikeEvidence(tx: Tx, kinds: readonly EvidenceKind[], { about, recipients, kind }: AlikeThings): void {
  if (about.length === 0) return;
  const ids = about.map(() => newId());
  const patterns = kinds.map((each) => {
    const { core, who, what } = partsOf(marks.id, { ...each, about: marks.about, recipient: marks.recipient });
    return { ...each, event: evidenceEvents[each.event], core: piecesOf(core), who, what };
  });
  saveAlikeEvidence(tx, patterns, { ids: column(ids), about: column(about), recipients: column(recipients), kind: column(kind) });
  // The ids of one process come in order.
  saveFeed(tx, { lo: ids[0]!, hi: ids[ids.length - 1]!, n: ids.length });
}

/** The text around a row's id, thing and recipient. Members stand in alphabetical order: id, message, recipient. */
function piecesOf(core: string): [string, string, string, string] {
  const pieces = core.split(/00000000-0000-7000-8000-00000000000[123]/);
  if (pieces.length !== 4 || !core.startsWith(`${pieces[0]}${marks.id}${pieces[1]}${marks.about}${pieces[2]}${marks.recipient}`)) {
    throw new Error('evidence: core does not name id, message and recipient once each and in this order');
  }
  return pieces as [string, string, string, string];
}
