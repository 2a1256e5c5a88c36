import type { Reader } from '#kernel/database.ts';
import { type Party, parsePartyReference, partiesByNumber } from '#register/index.ts';

/** What names one party in an event: its URN, or `/organisation/…` and `/person/…`; undefined where it names nobody by number. */
export function numberOf(subject: string): string | undefined {
  const alternative = /^\/(?:organisation|organization|person)\/(\d{9}|\d{11})$/.exec(subject)?.[1];
  return alternative ?? parsePartyReference(subject)?.number;
}

/** The parties of these subjects, by subject; who is not in the register is left out. */
export async function partiesOfSubjects(reader: Reader, subjects: readonly string[]): Promise<Map<string, Party>> {
  const numbers = new Map(
    [...new Set(subjects)].flatMap((subject) => {
      const number = numberOf(subject);
      return number === undefined ? [] : [[subject, number] as const];
    }),
  );
  const parties = await partiesByNumber(reader, [...new Set(numbers.values())]);
  return new Map(
    [...numbers].flatMap(([subject, number]) => {
      const party = parties.get(number);
      return party ? [[subject, party] as const] : [];
    }),
  );
}
