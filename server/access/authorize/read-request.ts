import { category } from '../policy.ts';
import type { Category, DecisionRequest } from './wire.ts';

/** Values by the attribute's name in lower case; several of one name are a bag. */
export type Bag = ReadonlyMap<string, readonly string[]>;

/** One question, with the attributes of each category that it is about. */
export interface SingleRequest {
  readonly subject: Bag;
  readonly action: Bag;
  readonly resource: Bag;
  /** What is to be told back beside the decision. */
  readonly echoed: readonly Echoed[];
  /** Why it cannot be read, if so. */
  readonly wrong?: string;
}

export interface Echoed {
  readonly categoryId: string;
  readonly attributeId: string;
  readonly value: string;
}

type Kind = 'subject' | 'action' | 'resource';

interface Part {
  readonly kind: Kind | 'other';
  readonly categoryId: string;
  readonly category: Category;
}

const kinds: Readonly<Record<string, Kind>> = {
  [category.subject]: 'subject',
  [category.action]: 'action',
  [category.resource]: 'resource',
};

/**
 * Pure. The questions that a request asks, in their order: one for each reference where it has references, else one for every
 * combination of its categories (XACML 3.0, multiple decision profile, §2.3 and §2.4). `most` bounds how many are made; one
 * more tells that there are too many.
 */
export function readRequest({ request }: DecisionRequest, most: number): SingleRequest[] {
  const parts: Part[] = [
    ...listOf(request.accessSubject).map((each) => partOf(each, category.subject)),
    ...listOf(request.action).map((each) => partOf(each, category.action)),
    ...listOf(request.resource).map((each) => partOf(each, category.resource)),
    ...listOf(request.category).map((each) => partOf(each, each.categoryId ?? '')),
  ];
  const references = request.multiRequests?.requestReference ?? [];
  if (references.length > 0) return references.slice(0, most + 1).map(({ referenceId }) => byReference(parts, referenceId));
  return combinations(parts, most + 1).map(single);
}

function listOf(given: Category | readonly Category[] | null | undefined): readonly Category[] {
  if (!given) return [];
  return Array.isArray(given) ? given : [given as Category];
}

function partOf(given: Category, categoryId: string): Part {
  return { kind: kinds[categoryId] ?? 'other', categoryId, category: given };
}

function byReference(parts: readonly Part[], ids: readonly string[]): SingleRequest {
  const named = ids.map((id) => parts.filter((part) => part.category.id === id));
  const wrong = named.some((found) => found.length !== 1) ? { wrong: 'a reference names no category, or several' } : {};
  return { ...single(named.flat()), ...wrong };
}

/** Every choice of one part of each kind, those that come first changing slowest. */
function combinations(parts: readonly Part[], most: number): Part[][] {
  let chosen: Part[][] = [[]];
  for (const kind of ['subject', 'action', 'resource'] as const) {
    const own = parts.filter((part) => part.kind === kind);
    if (own.length > 0) chosen = chosen.flatMap((before) => own.map((part) => [...before, part])).slice(0, most);
  }
  const others = parts.filter(({ kind }) => kind === 'other');
  return chosen.map((some) => [...some, ...others]);
}

function single(parts: readonly Part[]): SingleRequest {
  const bagOf = (kind: Kind): Bag => {
    const bag = new Map<string, string[]>();
    for (const { attributeId, value } of attributesOf(parts.filter((part) => part.kind === kind))) {
      const name = attributeId.toLowerCase();
      bag.set(name, [...(bag.get(name) ?? []), ...valuesOf(value)]);
    }
    return bag;
  };
  const echoed = parts.flatMap((part) =>
    attributesOf([part])
      .filter(({ includeInResult }) => includeInResult === true)
      .flatMap(({ attributeId, value }) => valuesOf(value).map((each) => ({ categoryId: part.categoryId, attributeId, value: each }))),
  );
  return { subject: bagOf('subject'), action: bagOf('action'), resource: bagOf('resource'), echoed };
}

function attributesOf(parts: readonly Part[]) {
  return parts.flatMap((part) => part.category.attribute ?? []);
}

function valuesOf(value: unknown): string[] {
  if (value === null || value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map(String);
}
