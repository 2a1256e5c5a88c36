import { refuse } from '#kernel/refusal.ts';
import { unreadErrors } from '../errors.ts';
import type { BoardPlace, BoardSort } from '../store/board.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const instant = /^[1-9]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

export function writePlace({ about, party, nextAt }: BoardPlace, sort: BoardSort): string {
  const parts = sort === 'next' ? [about, party, nextAt] : [about, party];
  return Buffer.from(parts.join(' ')).toString('base64url');
}

/** A place goes on with the order that it was given for. Refuses placeNotValid. */
export function readPlace(text: string, sort: BoardSort): BoardPlace {
  const [about, party, nextAt, ...more] = Buffer.from(text, 'base64url').toString().split(' ');
  const isOfSort = sort === 'next' ? isInstant(nextAt) : nextAt === undefined;
  if (more.length > 0 || !uuid.test(about ?? '') || !uuid.test(party ?? '') || !isOfSort) throw refuse(unreadErrors.placeNotValid);
  return { about: about!, party: party!, nextAt: nextAt ?? null };
}

/** The thirtieth of February is none. */
function isInstant(text: string | undefined): boolean {
  if (text === undefined || !instant.test(text)) return false;
  const at = new Date(text);
  return !Number.isNaN(at.getTime()) && at.toISOString().slice(0, -1) === text.slice(0, -4);
}
