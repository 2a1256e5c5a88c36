import { brokerErrors } from '../server/broker/errors.ts';
import { tusErrors } from '../server/broker/tus/errors.ts';

/** What a client of the file transfers is refused by, for `sdk/refusals.json`: the names of the catalogue and how each looks on the wire. */
export function printRefusals(): string {
  const rows = Object.entries({ ...brokerErrors, ...tusErrors }).map(([name, row]) => [
    name,
    { code: `${row.prefix}-${String(row.code).padStart(5, '0')}`, status: row.status, text: row.text },
  ]);
  const comment = 'Printed from server/broker/errors.ts and server/broker/tus/errors.ts by npm run print.';
  return `${JSON.stringify({ $comment: comment, ...Object.fromEntries(rows) }, null, 2)}\n`;
}
