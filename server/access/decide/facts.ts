import type { PartyId } from '#kernel/ids.ts';

/** Something that holds for a subject at a party, and how it came to hold. */
export type Fact =
  /** `value` is the role's code, `alias` its old one. */
  | { readonly kind: 'role'; readonly value: string; readonly alias: string | null; readonly path: readonly string[] }
  | { readonly kind: 'package'; readonly value: string; readonly path: readonly string[] }
  /** A grant of a resource, or of one message or attachment on it. */
  | {
      readonly kind: 'grant';
      readonly value: string;
      readonly actions: readonly string[];
      readonly instance: string | null;
      readonly path: readonly string[];
    }
  /** The party itself acts; `value` is its kind. */
  | { readonly kind: 'self'; readonly value: string; readonly path: readonly string[] }
  /** Nothing but that the subject exists: rules may name it by number, code or id. */
  | { readonly kind: 'named'; readonly value: string; readonly path: readonly string[] }
  /** May give this access package to others. */
  | { readonly kind: 'hands-on'; readonly value: string; readonly path: readonly string[] }
  /** Is main administrator (`hovedadministrator`) or access manager (`tilgangsstyrer`): may give, which is not to have. */
  | { readonly kind: 'administrator'; readonly value: string; readonly path: readonly string[] };

export type FactOf<K extends Fact['kind']> = Extract<Fact, { kind: K }>;

/** Somebody living who may hold a right, with what identifies it in rules. */
export interface Subject {
  readonly id: PartyId;
  readonly kind: 'person' | 'organization' | 'system-user';
  readonly number: string | null;
  readonly orgCode: string | null;
  readonly partyId: number;
}

/** All that holds for one subject at one party. */
export interface SubjectFacts {
  readonly at: PartyId;
  readonly subject: Subject;
  readonly facts: readonly Fact[];
}

export function factsOf<K extends Fact['kind']>(given: SubjectFacts, kind: K): FactOf<K>[] {
  return given.facts.filter((fact): fact is FactOf<K> => fact.kind === kind);
}
