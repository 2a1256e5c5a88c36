import type { Tx } from '#kernel/database.ts';
import { checkPublication } from '../climb/decide-step.ts';
import { isSealed } from '../openers/openability.ts';
import { type GrantorRow, type NewStep, saveGrantors, saveItems, saveNeeds, saveNewFirstSteps, saveNewSteps } from '../store/begin.ts';
import { saveSealedAtOnce } from '../store/sealed-at-once.ts';
import type { WatchBegin } from '../types.ts';

/** The last that clients can name, and the last that ISO 8601 writes in four digits. */
const lastInstant = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** How long after its time a publication may hang before the sender is told. */
export const publicationGraceSeconds = 15 * 60;

/**
 * From now on somebody is watched to open each of these things. Called in the transaction that accepts them, before they
 * are stored themselves: the database refuses what is accepted without a watch (BS001). A constant number of statements.
 *
 * Those with `publishedAt` have the first steps of their ladder planned at once; the others get a look at their publication, and
 * `publishWatches` when it happens, in the same transaction or a later one.
 */
export function beginWatches(tx: Tx, rows: readonly WatchBegin[]): void {
  if (rows.length === 0) return;
  saveItems(tx, rows);
  saveNeeds(tx, rows);
  saveGrantors(tx, rows.flatMap(grantorsOf));
  saveNewSteps(tx, rows.filter((row) => !row.publishedAt).map(publicationCheck), rows[0]!.at);
  const published = rows.filter((row) => row.publishedAt);
  if (published.length === 0) return;
  saveNewFirstSteps(tx, published);
  saveSealedAtOnce(
    tx,
    published
      .filter(({ openability }) => isSealed(openability))
      .map(({ about, party, publishedAt }) => ({ about, party, at: publishedAt! })),
  );
}

/** Only while nobody can open it, or an attachment of it, does it matter who could let somebody in. */
export function grantorsOf(row: Pick<WatchBegin, 'about' | 'party' | 'openability'>): GrantorRow[] {
  if (!isSealed(row.openability)) return [];
  return row.openability.grantors.map((grantor) => ({ about: row.about, party: row.party, grantor: grantor.party }));
}

function publicationCheck(row: WatchBegin): NewStep {
  return {
    about: row.about,
    party: row.party,
    spec: checkPublication,
    source: 'policy',
    orderId: null,
    dueAt: publicationCheckDueAt(row.expectedPublishAt),
    rank: null,
  };
}

/** Pure. When somebody looks after a publication that should have happened. */
export function publicationCheckDueAt(expectedPublishAt: Date): Date {
  return new Date(Math.min(expectedPublishAt.getTime() + publicationGraceSeconds * 1000, lastInstant));
}
