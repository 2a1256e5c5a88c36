import { Readable } from 'node:stream';
import type { Caller, Context } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import { ownPost } from '../own-post.ts';
import type { OwnPost } from '../store/board.ts';
import { type BoardFilter, type BoardPlace, listBoard } from '../store/board.ts';
import { itemOf, readFilter } from './show-board.ts';
import type { ExtractQuery } from './wire.ts';
import { byteOrderMark, headerLine, lineOf } from './write-csv.ts';

const pageSize = 500;

/** The unread post of a sender as CSV, oldest first, page by page: however long it is, one page is in memory. */
export async function extractBoard(ctx: Context, caller: Caller, query: ExtractQuery): Promise<Readable> {
  const [own, filter] = [await ownPost(ctx.db, caller), await readFilter(ctx.db, query)];
  return Readable.from(
    linesOf(ctx.db, own && filter ? { own, filter } : null, ctx.now(), { bom: query.bom ?? false, numbers: query.numbers ?? true }),
  );
}

export interface Extracted {
  readonly own: OwnPost;
  readonly filter: BoardFilter;
}

/** Lines of an extract, with its heading, some hundred at a time. */
export async function* linesOf(
  reader: Reader,
  extracted: Extracted | null,
  now: Date,
  { bom, numbers }: { readonly bom: boolean; readonly numbers: boolean },
): AsyncGenerator<string> {
  yield `${bom ? byteOrderMark : ''}${headerLine}`;
  if (!extracted) return;
  let after: BoardPlace | null = null;
  for (;;) {
    const rows = await listBoard(reader, extracted.own, extracted.filter, { sort: 'oldest', after, limit: pageSize, now });
    if (rows.length > 0) yield rows.map((row) => lineOf(itemOf(row, now), numbers)).join('');
    if (rows.length < pageSize) return;
    after = rows.at(-1)!;
  }
}
