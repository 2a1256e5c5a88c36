import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { newId } from '#kernel/ids.ts';
import type { LetterRows } from '../rows/letter-rows.ts';
import type { Part, RowPattern } from '../rows/pattern.ts';
import type { Country } from './country.ts';

/** Messages that one transaction writes, as the product does, and connections at a time. */
const atOnce = 5000;
const connections = 2;

/**
 * Writes the rows of a letter to everyone as fast as PostgreSQL takes them: whom it is for is staged by COPY, everything else is made by
 * the database, one `insert … select` for each table. Nothing is checked, and the ids of the recipients are known before.
 */
export async function writeBulk(url: string, letter: LetterRows, country: Country): Promise<void> {
  const statements = statementsOf(letter);
  let next = 0;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const client = new pg.Client({ connectionString: url, options: '-c timezone=UTC' });
      client.on('error', () => {}); // whoever waits for a statement hears of it
      await client.connect();
      await client.query(stageOf(letter));
      while (next < country.size) {
        const first = next;
        next = Math.min(country.size, next + atOnce);
        await writeChunk(client, statements, linesOf(country, first, next));
      }
      await client.end();
    }),
  );
}

async function writeChunk(client: pg.Client, { statements, shared }: Statements, lines: string): Promise<void> {
  await client.query('begin');
  await pipeline(Readable.from([lines]), client.query(copyFrom('copy bench_stage (message, recipient, number, kind) from stdin')));
  const values = [new Date().toISOString(), ...shared.map(() => newId())];
  for (const { text, uses } of statements) await client.query(text, values.slice(0, uses));
  const { command } = await client.query('commit');
  if (command !== 'COMMIT') throw new Error(`not committed: the server answered ${command}`);
}

function linesOf(country: Country, first: number, end: number): string {
  let lines = '';
  for (let i = first; i < end; i++) {
    const { id, number, kind } = country.at(country.shuffled(i));
    lines += `${newId()}\t${id}\t${number}\t${kind}\n`;
  }
  return lines;
}

interface Statements {
  readonly statements: readonly { readonly text: string; readonly uses: number }[];
  /** Ids of the pattern that all messages of a chunk share, in the order of their parameters from the second on. */
  readonly shared: readonly string[];
}

/** Where the ids that a message has beside its own are made while it is staged, so that several rows may name them. */
function stageOf(letter: LetterRows): string {
  const made = Array.from({ length: widest(letter) }, (_, i) => `, id${i} uuid not null default uuidv7()`).join('');
  return `create temp table bench_stage (message uuid, recipient uuid, number text, kind text${made}) on commit delete rows`;
}

const ownIds = (letter: LetterRows, kind: string): string[] => {
  const { id } = letter.samples.find(({ recipient }) => recipient.kind === kind)!;
  const shared = new Set(letter.shared.flatMap(({ ids }) => [...ids]));
  const all = letter.perMessage.get(kind)!.flatMap(({ ids }) => [...ids]);
  return [...new Set(all)].filter((each) => each !== id && !shared.has(each));
};
const widest = (letter: LetterRows): number => Math.max(...[...letter.perMessage.keys()].map((kind) => ownIds(letter, kind).length));

function statementsOf(letter: LetterRows): Statements {
  const shared = [...new Set(letter.shared.flatMap(({ ids }) => [...ids]))];
  const tables = [...new Set(letter.order.map(({ table }) => table.name))];
  const statements = tables.map((name) => {
    const once = letter.shared.filter(({ table }) => table.name === name).map((pattern) => selectOf(pattern, { letter, shared }));
    const each = [...letter.perMessage].flatMap(([kind, patterns]) =>
      patterns.filter(({ table }) => table.name === name).map((pattern) => selectOf(pattern, { letter, shared, kind })),
    );
    const { types } = letter.order.find(({ table }) => table.name === name)!.table;
    const columns = [...types.keys()].map((column) => `"${column}"`).join(', ');
    const insert = `insert into ${name} (${columns}) ${[...once, ...each].join(' union all ')}`;
    if (name !== 'evidence.evidence') return insert;
    return `with written as (${insert} returning id)
            insert into evidence.log_feed (lo, hi, n) select min(id::text)::uuid, max(id::text)::uuid, count(*) from written`;
  });
  return {
    shared,
    statements: statements.map((text) => ({ text, uses: Math.max(0, ...[...text.matchAll(/\$(\d+)/g)].map(([, n]) => Number(n))) })),
  };
}

interface Around {
  readonly letter: LetterRows;
  readonly shared: readonly string[];
  /** Of the recipients, for rows that each message has. */
  readonly kind?: string;
}

function selectOf(pattern: RowPattern, { letter, shared, kind }: Around): string {
  const own = kind === undefined ? [] : ownIds(letter, kind);
  const message = letter.samples.find(({ recipient }) => recipient.kind === kind)?.id;
  const textOf = (part: Part): string => {
    switch (part.is) {
      case 'null':
      case 'position': // events are numbered later, as the product does
        return 'null';
      case 'text':
        return `'${part.text.replaceAll("'", "''")}'`;
      case 'instant':
        return `($1::timestamptz + interval '${part.shift} milliseconds')`;
      case 'id':
        if (part.patternId === message) return 's.message';
        return shared.includes(part.patternId) ? `$${shared.indexOf(part.patternId) + 2}::uuid` : `s.id${own.indexOf(part.patternId)}`;
      case 'recipientId':
        return 's.recipient';
      case 'recipientNumber':
        return 's.number';
    }
  };
  const columns = [...pattern.table.types].map(([column, type]) => {
    const parts = pattern.columns.get(column)!.parts.map(textOf);
    return `(${parts.length === 1 ? parts[0] : parts.map((part) => `(${part})::text`).join(' || ')})::${type}`;
  });
  return `select ${columns.join(', ')}${kind === undefined ? '' : ` from bench_stage s where s.kind = '${kind}'`}`;
}
