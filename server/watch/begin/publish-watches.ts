import type { Tx } from '#kernel/database.ts';
import { keepCauses, mayHaveCause } from '../causes/keep-causes.ts';
import { isSealed } from '../openers/openability.ts';
import { endPublicationChecks, saveFirstSteps, saveGrantors, savePublications, saveStepsInTime } from '../store/begin.ts';
import { saveSealedAtOnce } from '../store/sealed-at-once.ts';
import type { WatchPublication } from '../types.ts';
import { grantorsOf } from './begin-watches.ts';

/**
 * What was watched is published: the ladder counts from this instant, with the openability as it is now. Its first steps are
 * planned here, and each of the others when the one before it is taken.
 * May follow `beginWatches` in one transaction, without reading back. A watch that is published or settled already stays
 * as it is. A constant number of statements.
 */
export function publishWatches(tx: Tx, rows: readonly WatchPublication[]): void {
  if (rows.length === 0) return;
  endPublicationChecks(tx, rows);
  savePublications(tx, rows);
  saveGrantors(tx, rows.flatMap(grantorsOf), rows);
  saveFirstSteps(tx, rows);
  saveStepsInTime(
    tx,
    rows.flatMap(({ about, party, at, overAt }) => (overAt ? [{ about, party, at, half: halfway(at, overAt) }] : [])),
  );
  saveSealedAtOnce(
    tx,
    rows.filter(({ openability }) => isSealed(openability)),
  );
  keepCauses(
    tx,
    rows.filter(({ begunAt, at }) => begunAt === undefined || mayHaveCause(begunAt, at)),
  );
}

/** Pure. Whoever is told by then has as long to fetch it as it has lain. */
const halfway = (from: Date, to: Date): Date => new Date((from.getTime() + Math.max(from.getTime(), to.getTime())) / 2);
