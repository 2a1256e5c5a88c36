import type { Reader, Tx } from '#kernel/database.ts';
import { type SaveParty, saveParties } from '#register/index.ts';
import type { UnitKind } from './read-unit.ts';
import type { Counts } from './store/import.ts';
import { type Difference, findEndOfNext, listDifferences } from './store/staging.ts';
import { listGone, saveUnits } from './store/unit.ts';

/** What a set of rows came to, and after which number the next begins. */
export interface Applied {
  readonly through: string;
  readonly rows: number;
  readonly counts: Counts;
}

const setRows = 5_000;

/**
 * Makes the parties of the next rows what the register says, and touches none that is so already. A main unit that is not there
 * yet is left for a second round. Undefined when there are no more.
 */
export async function applyUnits(tx: Tx, kind: UnitKind, after: string): Promise<Applied | undefined> {
  const next = await findEndOfNext(tx, kind, after, setRows);
  if (!next) return undefined;
  const { last, rows } = next;
  const differences = await listDifferences(tx, kind, after, last);
  saveParties(tx, differences.map(partyOf));
  await saveUnits(tx, kind, after, last);
  return { through: last, rows, counts: countsOf(differences) };
}

/** Pure. What is to be said of the party; what the register does not speak of stays. */
export function partyOf({ number, name, unitType, language, deletedOn, hasParent, parentId }: Difference): SaveParty {
  return {
    kind: 'organization',
    number,
    name,
    unitType,
    implicit: false,
    deletedAt: deletedOn,
    ...(language === null ? {} : { language }),
    ...(hasParent && parentId === null ? {} : { parentId }),
  };
}

function countsOf(differences: readonly Difference[]): Counts {
  const count = (is: (one: Difference) => boolean): number => differences.filter(is).length;
  const deregistered = count((d) => d.wasAlive === true && d.deletedOn !== null);
  const restored = count((d) => d.wasAlive === false && d.deletedOn === null);
  const added = count((d) => d.isNew);
  return { added, deregistered, restored, changed: differences.length - added - deregistered - restored };
}

/** Deregisters the next of those that the files no longer have: the party stays, with the time it was found out. Undefined when there are no more. */
export async function applyGone(tx: Tx, kinds: readonly UnitKind[], after: string, now: Date): Promise<Applied | undefined> {
  const gone = await listGone(tx as Reader, kinds, after, setRows);
  if (gone.length === 0) return undefined;
  saveParties(
    tx,
    gone.map(({ number, name }) => ({ kind: 'organization', number, name, deletedAt: now.toISOString() })),
  );
  return { through: gone.at(-1)!.number, rows: gone.length, counts: { deregistered: gone.length } };
}
