import type { Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { findParties } from '#register/index.ts';
import { listAnswered, wantAnswers } from '../store/question.ts';

/**
 * Those of these people whom the contact register must answer about before they are told, and when to look again. What it answered in the
 * last twelve hours holds. Each is asked about from now on until it answers; what waits for that waits a day at most, and then goes by
 * what is known. Fills the hook of the watch.
 */
export async function awaitAnswers(tx: Tx, people: readonly PartyId[]): Promise<ReadonlyMap<PartyId, Date>> {
  const parties = await findParties(tx, people);
  const persons = [...parties.values()].filter(({ kind, alive }) => kind === 'person' && alive).map(({ id }) => id);
  if (persons.length === 0) return new Map();
  const known = new Set(await listAnswered(tx, persons));
  return wantAnswers(
    tx,
    persons.filter((id) => !known.has(id)),
  );
}
