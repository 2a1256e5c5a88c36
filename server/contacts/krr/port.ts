import type { ContactPoint } from '#register/index.ts';

/** What the Contact and Reservation Register says of a person. */
export interface RegisteredContact {
  readonly number: string;
  /** Has said no to digital post; null: not said. */
  readonly reserved: boolean | null;
  readonly language: 'nb' | 'nn' | 'en' | null;
  /** With the day on which each was confirmed last; empty for one whom it does not know, or who has left it. */
  readonly points: readonly (ContactPoint & { readonly confirmedAt: string | null })[];
}

/** How many persons may be asked about in one question. */
export const mostAsked = 1000;

/** The register will not have this question: one of its numbers, as a rule. Asked again it says the same. */
export class QuestionRefused extends Error {}

/**
 * A contact register. Answers for the numbers that it was asked about, and whom it leaves out it has said nothing of; throws when it
 * cannot answer, saying why in words without personal data.
 */
export interface ContactRegister {
  ask(numbers: readonly string[]): Promise<readonly RegisteredContact[]>;
}
