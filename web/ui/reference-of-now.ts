import { timeNow } from '../api/time.ts';

const inNorway = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Oslo', dateStyle: 'short', timeStyle: 'short' });

/** A letter must have a reference. Where none is given it is the moment of sending: it can be searched for, in any language. */
export function referenceOfNow(): string {
  return inNorway.format(timeNow());
}
