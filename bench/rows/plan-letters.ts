import type { PlannedRow } from './insert.ts';
import type { LetterRows } from './letter-rows.ts';
import { idsFor, type Occasion, type Recipient } from './pattern.ts';

/** The rows of one letter to these recipients, under new ids. */
export function planLetter(letter: LetterRows, recipients: readonly Recipient[]): PlannedRow[] {
  const at = Date.now();
  const sharedIds = idsFor();
  const isShared = sharedIdsOf(letter);
  const shared: Occasion = { recipient: recipients[0]!, at, idFor: sharedIds };
  const own = recipients.flatMap((recipient) => {
    const ids = idsFor();
    const occasion: Occasion = { recipient, at, idFor: (id) => (isShared.has(id) ? sharedIds(id) : ids(id)) };
    return letter.perMessage.get(recipient.kind)!.map((pattern): PlannedRow => ({ pattern, occasion }));
  });
  return [...letter.shared.map((pattern): PlannedRow => ({ pattern, occasion: shared })), ...own];
}

const kept = new WeakMap<LetterRows, ReadonlySet<string>>();

function sharedIdsOf(letter: LetterRows): ReadonlySet<string> {
  const ids = kept.get(letter) ?? new Set(letter.shared.flatMap((pattern) => [...pattern.ids]));
  kept.set(letter, ids);
  return ids;
}

/** Some recipients that follow one another, beginning anywhere: no one twice. */
export function drawRecipients(all: readonly Recipient[], count: number): Recipient[] {
  const first = Math.floor(Math.random() * all.length);
  return Array.from({ length: count }, (_, i) => all[(first + i) % all.length]!);
}
