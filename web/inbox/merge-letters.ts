import type { Item, Wanted } from '../api/inbox.ts';

/** Letters that are known, in order, and where to read on; null at the end. */
export interface Known {
  readonly letters: readonly Item[];
  readonly next: string | null;
}

/**
 * The beginning of a list has been asked for again. What is new comes in, what has left it goes, and what lies behind it stays as it
 * is known. Where nothing ties the two together, more has come than one answer holds, and only the beginning is known.
 */
export function mergeBeginning(known: Known, fresh: Known): Known {
  if (fresh.next === null) return fresh;
  const places = new Map(known.letters.map(({ id }, place) => [id, place]));
  const tie = fresh.letters.findLast(({ id }) => places.has(id));
  if (!tie) return fresh;
  const here = new Set(fresh.letters.map(({ id }) => id));
  const behind = known.letters.slice(places.get(tie.id)! + 1).filter(({ id }) => !here.has(id));
  return { letters: [...fresh.letters, ...behind], next: behind.length === 0 ? fresh.next : known.next };
}

/** What lies behind has been read: each letter once, as it is now. */
export function appendLetters(known: Known, more: Known): Known {
  const fresh = new Map(more.letters.map((letter) => [letter.id, letter]));
  const here = new Set(known.letters.map(({ id }) => id));
  const letters = known.letters.map((letter) => fresh.get(letter.id) ?? letter);
  return { letters: [...letters, ...more.letters.filter(({ id }) => !here.has(id))], next: more.next };
}

/** One line as it is now; null: it is there no more. */
export function replaceLetter(known: Known, id: string, now: Item | null): Known {
  const letters = known.letters.flatMap((letter) => (letter.id !== id ? [letter] : now ? [now] : []));
  return { ...known, letters };
}

/** Whether a letter still belongs to what was asked for, as far as its line tells. */
export function belongsTo(letter: Item, { folder, unread, due, confirm, confidential, label }: Wanted): boolean {
  if (letter.folder !== folder) return false;
  if (unread && !letter.unread) return false;
  if (due && letter.dueAt === null) return false;
  if (confirm && (!letter.confirmNeeded || letter.confirmedAt !== null)) return false;
  if (confidential && !letter.confidential) return false;
  return !label || letter.labels.includes(label);
}
