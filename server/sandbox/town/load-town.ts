import { announceAccessChanges, endWithRoles } from '#access/index.ts';
import { budstikkeItself } from '#evidence/index.ts';
import type { Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { partiesByNumber } from '#register/index.ts';
import { checkTown } from './check-town.ts';
import { townErrors } from './errors.ts';
import { digestsOf } from './keys.ts';
import { lookUp } from './look-up.ts';
import { gatherProblems } from './problems.ts';
import { readTown } from './read-town.ts';
import { type Town, type TownList, townLists } from './schema.ts';
import { findTownItems, listAboveThemselves, lockTown, saveTownItems, type TownItem } from './store.ts';
import { writeTown } from './write-town.ts';

/** How many items of a list no document had named before, had said otherwise, or had said just so. */
export interface TownCounts {
  created: number;
  updated: number;
  unchanged: number;
}

export type TownSummary = Readonly<Record<TownList, TownCounts>>;

/**
 * Sets up parties, roles, resources, grants, clients and system users as a town document says, all in one transaction or
 * nothing. An upsert by key: nothing is removed, lists inside an item are replaced, members left out of a party keep what
 * stands; loading twice changes nothing. Loads wait for each other.
 *
 * Refuses every row of `townErrors`, naming the places in the document.
 * The contract: README of this folder, `town.schema.json`.
 */
export async function loadTown(ctx: Context, document: unknown): Promise<TownSummary> {
  const town = readTown(document);
  checkTown(town, dayInNorway.format(ctx.now()));
  return ctx.db.transaction(async (tx) => {
    await lockTown(tx);
    const idOf = await lookUp(tx, town);
    const reshaped = await listReshaped(tx, town);
    writeTown(tx, town, idOf);
    await endWithRoles(tx, reshaped, { at: ctx.now(), who: budstikkeItself });
    await refuseUnitsAboveThemselves(tx, town);
    const summary = await remember(tx, town);
    await announceAccessChanges(tx, { by: budstikkeItself, cause: 'register-changed' });
    return summary;
  });
}

const dayInNorway = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Oslo', dateStyle: 'short' });

/** Organizations that were known in another form: roles may give others less there. Read before the document is written. */
async function listReshaped(tx: Tx, { parties }: Town): Promise<PartyId[]> {
  const formed = parties.filter(({ unitType }) => unitType !== undefined);
  const known = await partiesByNumber(
    tx,
    formed.map(({ number }) => number),
  );
  return formed.flatMap(({ number, unitType }) => {
    const before = known.get(number);
    return before && before.unitType !== unitType ? [before.id] : [];
  });
}

async function refuseUnitsAboveThemselves(tx: Tx, town: Town): Promise<void> {
  const numbers = town.parties.filter(({ parent }) => parent).map(({ number }) => number);
  const circular = new Set(await listAboveThemselves(tx, numbers));
  const problems = gatherProblems();
  for (const [i, { number }] of town.parties.entries())
    if (circular.has(number)) problems.add(townErrors.parentAboveItself, `/parties/${i}/parent`);
  problems.throwIfAny();
}

async function remember(tx: Tx, town: Town): Promise<TownSummary> {
  const items = townLists.flatMap((list) => town[list].map((item): TownItem => ({ list, ...digestsOf(list, item) })));
  const before = new Map((await findTownItems(tx, items)).map(({ list, key, content }) => [`${list} ${key}`, content]));
  const summary = Object.fromEntries(townLists.map((list) => [list, { created: 0, updated: 0, unchanged: 0 }])) as Record<
    TownList,
    TownCounts
  >;
  const changed = items.filter(({ list, key, content }) => {
    const known = before.get(`${list} ${key}`);
    summary[list][known === undefined ? 'created' : known === content ? 'unchanged' : 'updated'] += 1;
    return known !== content;
  });
  saveTownItems(tx, changed);
  return summary;
}
