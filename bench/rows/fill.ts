import type pg from 'pg';
import { openClient } from '../machine.ts';
import type { Part, RowPattern } from './pattern.ts';

/** Letters to be written by the database itself, many at once. */
export interface Filling {
  /** Once for each `sharedBy` messages. */
  readonly shared: readonly RowPattern[];
  readonly perMessage: readonly RowPattern[];
  readonly tables: readonly string[];
  readonly messages: number;
  readonly sharedBy: number;
  /** Milliseconds since 1970 of the first and the last. */
  readonly from: number;
  readonly to: number;
}

/** Of the events that are filled in: past those of the town. */
const firstPosition = 1_000_000;
/** In one transaction. */
const messagesAtOnce = 20_000;

/**
 * Writes the rows of letters set by set, straight into the tables, spread evenly over the time and over the recipients, those
 * whose ids are given.
 */
export async function fill(url: string, recipients: readonly string[], filling: Filling): Promise<void> {
  const clients = await Promise.all([openClient(url), openClient(url)]);
  const client = clients[0]!;
  await client.query('create table bench_recipient (n integer primary key, id uuid not null, number text not null)');
  await client.query(
    `insert into bench_recipient
     select ordinality - 1, p.id, p.number from unnest($1::uuid[]) with ordinality as r (id) join register.party p on p.id = r.id`,
    [recipients],
  );
  await client.query('analyze bench_recipient');
  const statements = statementsOf(filling, recipients.length);
  let next = 0;
  const write = async (writer: pg.Client): Promise<void> => {
    while (next < filling.messages) {
      const [first, last] = [next, Math.min(filling.messages, next + messagesAtOnce) - 1];
      next = last + 1; // the other writer goes on from here
      await writer.query('begin');
      for (const statement of statements) await writer.query(statement, [first, last]);
      await writer.query('commit');
    }
  };
  await Promise.all(clients.map(write));
  await client.query('drop table bench_recipient');
  await client.query('update events.counter set last = greatest(last, (select max(position) from events.outbox))');
  await client.query('vacuum analyze');
  await Promise.all(clients.map((each) => each.end()));
}

/** One statement per table. `$1` and `$2` are the first and the last message, numbered from 0. */
function statementsOf(filling: Filling, recipients: number): string[] {
  const all = [...filling.shared, ...filling.perMessage];
  return filling.tables.map((name) => {
    const selects = all.filter(({ table }) => table.name === name).map((pattern) => selectOf(pattern, filling, recipients));
    const { types } = all.find(({ table }) => table.name === name)!.table;
    const columns = [...types.keys()].map((column) => `"${column}"`).join(', ');
    const insert = `insert into ${name} (${columns}) ${selects.join(' union all ')}`;
    if (name !== 'evidence.evidence') return insert;
    return `with written as (${insert} returning id)
            insert into evidence.log_feed (lo, hi, n) select min(id::text)::uuid, max(id::text)::uuid, count(*) from written`;
  });
}

function selectOf(pattern: RowPattern, filling: Filling, recipients: number): string {
  const ids = idNumbers(filling);
  const isShared = filling.shared.includes(pattern);
  const sharedIds = new Set(filling.shared.flatMap((shared) => [...shared.ids]));
  const step = (filling.to - filling.from) / filling.messages;
  const millis = (message: string): string => `(${filling.from} + floor((${message}) * ${step}))::bigint`;
  const firstOfShared = `(m.i / ${filling.sharedBy} * ${filling.sharedBy})`;

  const ofItsTable = filling.perMessage.filter(({ table }) => table === pattern.table);
  const textOf = (part: Part): string => {
    switch (part.is) {
      case 'position':
        return `(${firstPosition} + m.i * ${ofItsTable.length} + ${ofItsTable.indexOf(pattern)})`;
      case 'null':
        return 'null';
      case 'text':
        return `'${part.text.replaceAll("'", "''")}'`;
      case 'instant':
        return `to_timestamp((${millis(isShared ? firstOfShared : 'm.i')} + ${part.shift}) / 1000.0)`;
      case 'id': {
        const of = sharedIds.has(part.patternId) ? firstOfShared : 'm.i';
        const version = part.patternId[14]!;
        const number = ids.get(part.patternId)!;
        return `(lpad(to_hex(${millis(of)}), 12, '0') || '${version}${number.toString(16).padStart(3, '0')}8' || substr(md5(${of} || ' ${number}'), 1, 15))::uuid`;
      }
      case 'recipientId':
        return 'r.id';
      case 'recipientNumber':
        return 'r.number';
    }
  };
  const columns = [...pattern.table.types].map(([column, type]) => {
    const ripe = pattern.table.name === 'watch.item' ? ofADayOld(column, millis('m.i')) : undefined;
    if (ripe) return `(${ripe})::${type}`;
    const parts = pattern.columns.get(column)!.parts.map(textOf);
    return `(${parts.length === 1 ? parts[0] : parts.map((part) => `(${part})::text`).join(' || ')})::${type}`;
  });
  const messages = `generate_series($1::bigint, $2::bigint) as m (i)`;
  if (isShared) return `select ${columns.join(', ')} from ${messages} where m.i = ${firstOfShared}`;
  // A step that no number of recipients is likely to share a divisor with, so that letters to one recipient are not neighbours.
  return `select ${columns.join(', ')} from ${messages} join bench_recipient r on r.n = (m.i * 7919) % ${recipients}`;
}

/** The letter of the pattern is young; a watch that is a day old has its cause, here that of what was told of and not opened. */
function ofADayOld(column: string, millis: string): string | undefined {
  const isOld = `to_timestamp(${millis} / 1000.0) < clock.now() - interval '1 day'`;
  if (column === 'cause') return `case when ${isOld} then 'notified-not-opened' end`;
  if (column === 'cause_since') return `case when ${isOld} then to_timestamp(${millis} / 1000.0) + interval '1 day' end`;
  return undefined;
}

/** Each id of the patterns gets a number, by which those of one message differ. */
function idNumbers({ shared, perMessage }: Filling): Map<string, number> {
  const all = new Set([...shared, ...perMessage].flatMap((pattern) => [...pattern.ids]));
  return new Map([...all].map((id, i) => [id, i]));
}
