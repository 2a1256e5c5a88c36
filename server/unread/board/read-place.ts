import { refuse } from '#kernel/refusal.ts';
import { unreadErrors } from '../errors.ts';
import type { BoardPlace } from '../store/board.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function writePlace({ about, party }: BoardPlace): string {
  return Buffer.from(`${about} ${party}`).toString('base64url');
}

/** Refuses placeNotValid. */
export function readPlace(text: string): BoardPlace {
  const [about, party, ...more] = Buffer.from(text, 'base64url').toString().split(' ');
  if (more.length > 0 || !uuid.test(about ?? '') || !uuid.test(party ?? '')) throw refuse(unreadErrors.placeNotValid);
  return { about: about!, party: party! };
}
