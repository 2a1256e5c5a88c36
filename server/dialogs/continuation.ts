import type { CorrespondenceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { dialogErrors as e } from './errors.ts';
import type { Position } from './store/dialog.ts';

const form = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z)_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})_(asc|desc)$/;

/** Pure. Where a list goes on, in a text that says nothing to those who hold it. */
export function continuationAt({ at, id }: Position, newestFirst: boolean): string {
  return Buffer.from(`${at}_${id}_${newestFirst ? 'desc' : 'asc'}`).toString('base64url');
}

/** Pure. Refuses continuationUnfit, also for a token of a list in the other order. */
export function readContinuation(token: string, newestFirst: boolean): Position {
  const found = form.exec(Buffer.from(token, 'base64url').toString('latin1'));
  const isFit = found !== null && isTime(found[1]!) && (found[3] === 'desc') === newestFirst;
  if (!isFit) throw refuse(e.continuationUnfit);
  return { at: found[1]!, id: found[2]! as CorrespondenceId };
}

/** As the database reads it: a day that there is, in a year that there is. */
function isTime(text: string): boolean {
  const time = new Date(text);
  return Number.isFinite(time.getTime()) && time.toISOString().slice(0, 19) === text.slice(0, 19) && !text.startsWith('0000');
}
