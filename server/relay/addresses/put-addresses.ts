import type { Context } from '#kernel/context.ts';
import { partiesByNumber } from '#register/index.ts';
import type { PostalAddresses } from '../wire.ts';
import { savePostalAddresses } from './store.ts';

/** Where parties get letters, from whoever knows. The last of several for one number holds; a number that nobody has is counted, and left out. */
export function putAddresses(ctx: Context, { addresses }: PostalAddresses): Promise<{ saved: number; unknown: number }> {
  const last = new Map(addresses.map(({ number, lines }) => [number, lines]));
  return ctx.db.transaction(async (tx) => {
    const parties = await partiesByNumber(tx, [...last.keys()]);
    const rows = [...parties].map(([number, { id }]) => ({ party: id, lines: last.get(number)?.map((line) => line.trim()) ?? null }));
    if (rows.length > 0) savePostalAddresses(tx, rows, ctx.now());
    return { saved: rows.length, unknown: last.size - rows.length };
  });
}
