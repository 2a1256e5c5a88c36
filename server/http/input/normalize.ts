import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { alternatives, isNullable, membersOf, type Shape, valuesOf } from './shapes.ts';
import { canonicalTimestamp } from './timestamp.ts';

/** `json`: a body with types of its own. `text`: forms, queries and paths, where everything is text and an empty one is none. */
export type Source = 'json' | 'text';

/**
 * The leniency of the original in front of validation: member names in any case, enumerations by name in any case or by
 * integer, numbers and booleans as text, instants without a zone, an empty text for null, GUIDs outside JSON in all
 * forms that .NET reads but the hexadecimal. Members that the schema does not
 * name are dropped, unless it says `additionalProperties: false`: then they stay, so that validation names them.
 * What cannot be understood is left as it is for validation to refuse. Of a list or a dictionary that holds more than the
 * schema allows, one more than that is kept: enough for validation to refuse it, whatever it costs to send.
 * Pure; the value is not changed; the walk is as deep as the schema, whatever the value.
 *
 * Source: compatibility.md, correspondence, §1.1, §3.
 */
export function normalize(schema: TSchema, value: unknown, source: Source): unknown {
  return walk(schema as Shape, value, source);
}

function walk(shape: Shape, value: unknown, source: Source): unknown {
  if (value === null || value === undefined) return value;
  const single = source === 'text' && Array.isArray(value) && !takesArray(shape) ? value[0] : value;
  if (source === 'text' && single === '' && isNullable(shape)) return null;
  const branches = alternatives(shape);
  if (branches.length === 1) return walkOne(branches[0]!, single, source);
  return walkUnion(branches, single, source);
}

function takesArray(shape: Shape): boolean {
  return alternatives(shape).some((branch) => branch.type === 'array' || branch.type === undefined);
}

/** The first alternative that fits once it is normalized; where none does, the value as the first would have it. */
function walkUnion(branches: readonly Shape[], value: unknown, source: Source): unknown {
  for (const branch of branches) {
    const candidate = walk(branch, value, source);
    if (Value.Check(branch as TSchema, candidate)) return candidate;
  }
  return branches.length > 0 ? walk(branches[0]!, value, source) : value;
}

function walkOne(shape: Shape, value: unknown, source: Source): unknown {
  if (shape.enumeration) return canonicalName(shape.enumeration.values, value);
  if (shape.const !== undefined) return typeof shape.const === 'number' ? toNumber(value, false) : value;
  const members = membersOf(shape);
  if (members) return walkObject(shape, members, value, source);
  const values = valuesOf(shape);
  if (values) return walkDictionary(shape, values, value, source);
  switch (shape.type) {
    case 'array':
      return walkArray(shape, value, source);
    case 'integer':
      return toNumber(value, true);
    case 'number':
      return toNumber(value, false);
    case 'boolean':
      return toBoolean(value);
    case 'string':
      return walkText(shape, value, source);
    default:
      return value;
  }
}

/** With or without dashes, in braces or in parentheses: the `D`, `N`, `B` and `P` of .NET, which reads `D` alone in JSON. */
function canonicalUuid(text: string): string {
  if (/^[0-9a-f]{32}$/.test(text)) return text.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  return /^(?:\{(.{36})\}|\((.{36})\))$/.exec(text)?.slice(1).find(Boolean) ?? text;
}

function walkText(shape: Shape, value: unknown, source: Source): unknown {
  if (typeof value !== 'string') return value;
  if (shape.format === 'date-time') return canonicalTimestamp(value) ?? value;
  if (shape.format === 'date') return value.trim();
  if (shape.format === 'uuid') {
    const id = value.trim().toLowerCase();
    return source === 'text' ? canonicalUuid(id) : id;
  }
  return value;
}

function walkArray(shape: Shape, value: unknown, source: Source): unknown {
  const list = source === 'text' && !Array.isArray(value) ? [value] : value;
  if (!Array.isArray(list) || !shape.items) return list;
  return firstOf(list, shape.maxItems).map((item) => walk(shape.items!, item, source));
}

function walkDictionary(shape: Shape, values: Shape, value: unknown, source: Source): unknown {
  if (!isObject(value)) return value;
  const keys = firstOf(Object.keys(value), shape.maxProperties);
  return Object.fromEntries(keys.map((key) => [key, walk(values, value[key], source)]));
}

/** One more than `most` where there are more: what is refused for its number need not be looked at. */
function firstOf<T>(list: readonly T[], most: number | undefined): readonly T[] {
  return most === undefined || list.length <= most ? list : list.slice(0, most + 1);
}

function walkObject(shape: Shape, members: Readonly<Record<string, Shape>>, value: unknown, source: Source): unknown {
  if (!isObject(value)) return value;
  const names = canonicalNames(members);
  const result = new Map<string, unknown>();
  for (const [given, member] of Object.entries(value)) {
    const name = names.get(given.toLowerCase());
    if (name === undefined) {
      if (shape.additionalProperties === false) result.set(given, member);
      continue;
    }
    if (source === 'text' && member === '' && !shape.required?.includes(name) && !isNullable(members[name]!)) continue;
    result.set(name, walk(members[name]!, member, source));
  }
  return Object.fromEntries(result);
}

const namesByMembers = new WeakMap<object, ReadonlyMap<string, string>>();

function canonicalNames(members: Readonly<Record<string, Shape>>): ReadonlyMap<string, string> {
  let names = namesByMembers.get(members);
  if (!names) {
    names = new Map(Object.keys(members).map((name) => [name.toLowerCase(), name]));
    namesByMembers.set(members, names);
  }
  return names;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An integer outside the list stays an integer: an open enumeration lets it through, a closed one refuses it. */
function canonicalName(values: Readonly<Record<string, number>>, value: unknown): unknown {
  const integer = toNumber(value, true);
  if (typeof integer === 'number') return Object.keys(values).find((name) => values[name] === integer) ?? integer;
  if (typeof value !== 'string') return value;
  const wanted = value.trim().toLowerCase();
  return Object.keys(values).find((name) => name.toLowerCase() === wanted) ?? value;
}

function toNumber(value: unknown, integer: boolean): unknown {
  if (typeof value !== 'string') return value;
  const text = value.trim();
  const fits = integer ? /^[+-]?\d{1,16}$/.test(text) : /^[+-]?\d{1,16}(?:\.\d{1,16})?(?:e[+-]?\d{1,3})?$/i.test(text);
  const number = Number(text);
  return fits && Number.isFinite(number) && (!integer || Number.isSafeInteger(number)) ? number : value;
}

function toBoolean(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const text = value.trim().toLowerCase();
  return text === 'true' ? true : text === 'false' ? false : value;
}
