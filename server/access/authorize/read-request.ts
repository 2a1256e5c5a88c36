import { refuse } from '#kernel/refusal.ts';
import { category } from '../policy.ts';
import { authorizeErrors as e } from './errors.ts';
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

/** One category, read once however often it is referred to. */
interface Part {
  readonly kind: Kind | 'other';
  readonly id: string | null | undefined;
  readonly bag: Bag;
  readonly echoed: readonly Echoed[];
  readonly values: number;
}

const kinds: Readonly<Record<string, Kind>> = {
  [category.subject]: 'subject',
  [category.action]: 'action',
  [category.resource]: 'resource',
};

/** Decisions that one call may ask for. Clients of the original ask for a page of a list at once. */
export const mostDecisions = 500;
/** Values that all its questions may have together: a category counts as often as it is referred to. */
export const mostValues = 50_000;

/**
 * Pure. The questions that a request asks, in their order: one for each reference where it has references, else one for every
 * combination of its categories (XACML 3.0, multiple decision profile, §2.3 and §2.4). What they cost is known before any is made.
 * Refuses tooManyDecisions, tooManyValues.
 */
export function readRequest({ request }: DecisionRequest): SingleRequest[] {
  const parts: Part[] = [
    ...listOf(request.accessSubject).map((each) => partOf(each, category.subject)),
    ...listOf(request.action).map((each) => partOf(each, category.action)),
    ...listOf(request.resource).map((each) => partOf(each, category.resource)),
    ...listOf(request.category).map((each) => partOf(each, each.categoryId ?? '')),
  ];
  const references = request.multiRequests?.requestReference ?? [];
  const chosen = references.length > 0 ? referred(parts, references) : combinations(parts, mostDecisions + 1);
  if (chosen.length > mostDecisions) throw refuse(e.tooManyDecisions, { most: mostDecisions });
  const values = chosen.reduce((sum, some) => (some ?? []).reduce((own, part) => own + part.values, sum), 0);
  if (values > mostValues) throw refuse(e.tooManyValues, { most: mostValues });
  return chosen.map((some) => (some ? single(some) : { ...single([]), wrong: 'a reference names no category, or several' }));
}

function listOf(given: Category | readonly Category[] | null | undefined): readonly Category[] {
  if (!given) return [];
  return Array.isArray(given) ? given : [given as Category];
}

function partOf(given: Category, categoryId: string): Part {
  const bag = new Map<string, string[]>();
  const echoed: Echoed[] = [];
  let values = 0;
  for (const { attributeId, value, includeInResult } of given.attribute ?? []) {
    const own = valuesOf(value);
    values += 1 + own.length;
    append(bag, attributeId.toLowerCase(), own);
    if (includeInResult === true) for (const each of own) echoed.push({ categoryId, attributeId, value: each });
  }
  return { kind: kinds[categoryId] ?? 'other', id: given.id, bag, echoed, values };
}

function append(bag: Map<string, string[]>, name: string, values: readonly string[]): void {
  const before = bag.get(name);
  if (before) for (const value of values) before.push(value);
  else bag.set(name, [...values]);
}

/** The categories of each reference; undefined where one of its names is nobody's, or that of several. */
function referred(parts: readonly Part[], references: readonly { readonly referenceId: readonly string[] }[]): (Part[] | undefined)[] {
  const byId = Map.groupBy(parts, ({ id }) => id);
  return references.map(({ referenceId }) => {
    const named = [...new Set(referenceId)].map((id) => byId.get(id) ?? []);
    return named.every((found) => found.length === 1) ? named.flat() : undefined;
  });
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

const nothing: Bag = new Map();

function single(parts: readonly Part[]): SingleRequest {
  const bagOf = (kind: Kind) => joined(parts.filter((part) => part.kind === kind).map(({ bag }) => bag));
  return {
    subject: bagOf('subject'),
    action: bagOf('action'),
    resource: bagOf('resource'),
    echoed: parts.flatMap(({ echoed }) => echoed),
  };
}

function joined(bags: readonly Bag[]): Bag {
  if (bags.length < 2) return bags[0] ?? nothing;
  const all = new Map<string, string[]>();
  for (const bag of bags) for (const [name, values] of bag) append(all, name, values);
  return all;
}

function valuesOf(value: unknown): string[] {
  if (value === null || value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map(String);
}
