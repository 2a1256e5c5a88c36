import type { ContactPoint } from '#register/index.ts';

/** What the Contact and Reservation Register says of a person. */
export interface RegisteredContact {
  readonly number: string;
  /** Has said no to digital post. */
  readonly reserved: boolean;
  readonly language: 'nb' | 'nn' | 'en' | null;
  /** With the day on which each was confirmed last; empty for one whom it does not know, or who has left it. */
  readonly points: readonly (ContactPoint & { readonly confirmedAt: string | null })[];
}

/** How many persons may be asked about in one question. */
export const mostAsked = 1000;

/** A contact register. Answers for each number that it was asked about; throws when it cannot answer, saying why in words without personal data. */
export interface ContactRegister {
  ask(numbers: readonly string[]): Promise<readonly RegisteredContact[]>;
}
