import type pg from 'pg';
import { countRows } from './rows/capture.ts';
import type { LetterRows } from './rows/letter-rows.ts';

/**
 * Messages that are accepted, published and watched with all that belongs to them; others count for nothing. Of those whose ids
 * were made after `since`, an id itself; of all without it.
 */
export async function countWholeMessages(
  client: pg.ClientBase,
  letter: LetterRows,
  since = '00000000-0000-0000-0000-000000000000',
): Promise<number> {
  const whole = [...letter.perMessage].map(([kind, patterns]) => {
    const of = (table: string): number => patterns.filter((pattern) => pattern.table.name === table).length;
    return `(p.kind = '${kind}'
             and (select count(*) from watch.item i where i.about = m.id and i.party_id = m.recipient_id) >= ${of('watch.item')}
             and (select count(*) from watch.step s where s.about = m.id and s.party_id = m.recipient_id) >= ${of('watch.step')}
             and (select count(*) from evidence.evidence e where e.about = m.id) >= ${of('evidence.evidence')}
             and (select count(*) from correspondence.status s where s.message_id = m.id) >= ${of('correspondence.status')}
             and (select count(*) from events.outbox o where o.resource_instance = m.id::text) >= ${of('events.outbox')})`;
  });
  const { rows } = await client.query<{ n: number }>(
    `
    select count(*)::float8 as n
      from correspondence.message m
      join correspondence.submission s on s.id = m.submission_id
      join register.party p on p.id = m.recipient_id
     where m.id > $1 and m.state = 'Published' and (${whole.join(' or ')})`,
    [since],
  );
  return rows[0]!.n;
}

/** Rows per message of every table that has grown since `before`, but those that hold a row of each transaction. */
export async function growthPerMessage(
  client: pg.ClientBase,
  letter: LetterRows,
  before: ReadonlyMap<string, number>,
): Promise<Map<string, number>> {
  const after = await countRows(client, letter.tables);
  const messages = after.get('correspondence.message')! - before.get('correspondence.message')!;
  const ofLetters = new Set(letter.order.map(({ table }) => table.name));
  const grown = [...after].flatMap(([table, n]): [string, number][] => {
    const rows = n - before.get(table)!;
    // A few rows elsewhere are what is written now and then, such as who was seen.
    return letter.perTransaction.includes(table) || (!ofLetters.has(table) && rows < 10) ? [] : [[table, rows / messages]];
  });
  return new Map(grown.filter(([, share]) => share > 0));
}
