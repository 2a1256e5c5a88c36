import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Sql, sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { listNextOpen, mendDrifted, nameRipe, readCauses, sendCauses } from '../causes/store.ts';
import { Town } from '../testing/town.ts';
import type { WatchKey, WatchPublication } from '../types.ts';
import { endPublicationChecks, saveFirstSteps, saveGrantors, saveOpenability, savePublications } from './begin.ts';
import { lockItems, refreshNextActions, saveActs, saveSettlements } from './item.ts';
import { claimDueSteps, hastenTellingSender, listStepsToCome } from './step.ts';

const town = await Town.open();
const at = town.ctx.now();

/** What work that keeps its plans asks of watches by their keys; and what of it finds them by another index first. */
const asked: Readonly<Record<string, { readonly ask: (tx: Tx, keys: readonly WatchKey[]) => unknown; readonly first?: string }>> = {
  readCauses: { ask: readCauses },
  sendCauses: { ask: sendCauses },
  mendDrifted: { ask: mendDrifted },
  nameRipe: { ask: (tx) => nameRipe(tx, 500), first: 'item_open_uncaused' },
  lockItems: { ask: lockItems },
  claimDueSteps: { ask: (tx) => claimDueSteps(tx, 200) },
  listStepsToCome: { ask: listStepsToCome },
  hastenTellingSender: { ask: (tx, keys) => hastenTellingSender(tx, keys, at) },
  refreshNextActions: { ask: refreshNextActions },
  saveActs: {
    ask: (tx, keys) =>
      saveActs(
        tx,
        keys.map((key) => ({ ...key, openedAt: at, confirmedAt: null })),
      ),
  },
  saveSettlements: {
    ask: (tx, keys) =>
      saveSettlements(
        tx,
        keys.map((key) => ({ ...key, outcome: 'opened', at }) as never),
      ),
  },
  saveOpenability: {
    ask: (tx, keys) =>
      saveOpenability(
        tx,
        keys.map(
          (key) =>
            ({
              ...key,
              at,
              class: 'COLD',
              openers: 1,
              grantors: 0,
              attachmentLocked: false,
              accessVersion: '0',
              tellsNoOpener: false,
            }) as never,
        ),
      ),
  },
};

/** What a publication asks of them, which may be of a few files or of a mailing. */
const published: typeof asked = {
  endPublicationChecks: { ask: (tx, keys) => endPublicationChecks(tx, publicationsOf(keys)), first: 'step_about' },
  savePublications: { ask: (tx, keys) => savePublications(tx, publicationsOf(keys)) },
  saveGrantors: { ask: (tx, keys) => saveGrantors(tx, [], keys), first: 'grantor_pkey' },
  saveFirstSteps: { ask: saveFirstSteps },
};

const publicationsOf = (keys: readonly WatchKey[]): WatchPublication[] => {
  const openability = { class: 'COLD' as const, openers: [], possibleSystems: 0, grantors: [], lockedNeeds: [], accessVersion: '0' };
  return keys.map((key) => ({ ...key, party: key.party as PartyId, at, openability }));
};

/** The statements that some work issues, without their values: what a plan is made of that is kept. */
async function textsOf(ask: (tx: Tx, keys: readonly WatchKey[]) => unknown, keys: readonly WatchKey[]): Promise<string[]> {
  const texts: string[] = [];
  const note = <T extends Sql>(query: T): T => {
    texts.push(query.text);
    return query;
  };
  await town.db.transaction(async (tx) => {
    const noting: Tx = {
      ...tx,
      all: (query) => tx.all(note(query)),
      maybe: (query) => tx.maybe(note(query)),
      one: (query) => tx.one(note(query)),
      run: (query) => tx.run(note(query)),
      send: (query) => tx.send(note(query)),
    };
    await ask(noting, keys);
  });
  return texts;
}

/** The indexes of watches that a kept plan of the text goes by; none where it walks through the table. */
async function indexesOf(text: string): Promise<string[]> {
  const lines = await planOf(text);
  return lines.flatMap((line) => /(?:using (item_\w+) on item|Bitmap Index Scan on (item_\w+))\b/.exec(line)?.slice(1).find(Boolean) ?? []);
}

/** Every index that the plan goes by, with whether it is asked for keys, or walked through from end to end. */
async function scansOf(text: string): Promise<string[]> {
  const lines = await planOf(text);
  return lines.flatMap((line, i) => {
    const index = /(?:Scan using|Bitmap Index Scan on) (\w+)/.exec(line)?.[1];
    return index ? `${index}${lines[i + 1]?.includes('Index Cond') ? '' : ', walked through'}` : (/Seq Scan on \w+/.exec(line)?.[0] ?? []);
  });
}

async function planOf(text: string): Promise<string[]> {
  const client = await town.db.pool.connect();
  try {
    await client.query(`set enable_seqscan = off`); // as `keepPlans` has it
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain (generic_plan) ${text}`);
    return rows.map((row) => row['QUERY PLAN']);
  } finally {
    await client.query('reset enable_seqscan');
    client.release();
  }
}

for (const few of ['none', 'some'] as const)
  test(`given a database in which there were ${few} when the plans were made that are kept, when watches are asked for by their keys, then each is found by the primary key, and no index of all that are open is walked through`, async () => {
    const party = await town.person(`Mottaker av ${few}`, 'mottaker@example.no');
    const resource = await town.resource(['self']);
    const count = few === 'none' ? 0 : 40;
    for (let n = 0; n < count; n += 1) await town.sent(party, resource);
    await town.db.pool.query('analyze watch.item; analyze watch.step');
    const keys = await town.db.all<WatchKey>(sql`select about, party_id as party from watch.item limit 10`);
    const found = keys.length > 0 ? keys : [{ about: town.police, party: town.police }];

    for (const [name, { ask, first }] of Object.entries(asked)) {
      const texts = await textsOf(ask, found);
      assert.ok(texts.length > 0, name);
      const indexes = (await Promise.all(texts.map(indexesOf))).flat();
      assert.deepEqual(
        indexes.filter((index) => index !== 'item_pkey' && index !== first),
        [],
        name,
      );
      assert.ok(indexes.includes('item_pkey'), name);
    }
    for (const [name, { ask, first = 'item_pkey' }] of Object.entries(published)) {
      const scans = new Set((await Promise.all((await textsOf(ask, found)).map(scansOf))).flat());
      assert.deepEqual(
        [...scans].filter((scan) => scan !== 'ladder_pkey'),
        [first],
        name,
      );
    }
    const round = (await textsOf((tx) => listNextOpen(tx, { about: null, party: null }, 500), found)).at(0)!;
    assert.deepEqual(await indexesOf(round), ['item_open_caused']);
  });
