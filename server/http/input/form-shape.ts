import type { TSchema } from 'typebox';
import { alternatives, membersOf, type Shape, valuesOf } from './shapes.ts';

/** A field of a form: its dotted name as it came, and its text. */
export type Field = readonly [name: string, value: string];

interface Node {
  readonly children: Map<string, Node>;
  /** Values whose name ends here, in the order they came. */
  readonly values: string[];
  /** Fields at or below this node, with what follows the node's own name. */
  readonly below: { rest: string; value: string }[];
}

const newNode = (): Node => ({ children: new Map(), values: [], below: [] });

/** `a.b[0].c` → `a`, `b`, `[0]`, `c` with the end of each. A bracket without its partner is part of a name. */
function* segments(name: string): Generator<{ segment: string; end: number }> {
  for (const match of name.matchAll(/\[[^\]]*\]|[^.[]+|\[/g)) {
    yield { segment: match[0], end: match.index + match[0].length };
  }
}

/** Deeper names than any schema has are bounded here, so that a hostile form costs no more than its bytes. */
const deepest = 16;

function plant(fields: readonly Field[]): Node {
  const root = newNode();
  for (const [name, value] of fields) {
    let node = root;
    let depth = 0;
    let end = 0;
    for (const step of segments(name)) {
      if (depth++ === deepest) break;
      const key = step.segment.toLowerCase();
      const child = node.children.get(key) ?? newNode();
      node.children.set(key, child);
      node = child;
      end = step.end;
      node.below.push({ rest: name.slice(end), value });
    }
    if (end === name.length && depth > 0) node.values.push(value);
  }
  return root;
}

const prefix = /^request\./i;

/** Only the fields under `request.` when any field stands there, without the prefix; otherwise all. */
function unprefixed(fields: readonly Field[]): readonly Field[] {
  const prefixed = fields.filter(([name]) => prefix.test(name));
  return prefixed.length > 0 ? prefixed.map(([name, value]) => [name.replace(prefix, ''), value] as const) : fields;
}

/**
 * The object that a form's fields describe, read by its schema: names in any case and any order, an optional leading
 * `request.`; lists as `recipients[0]` without gaps (the rest after a gap, or after an item of which nothing is known, is not read), as `recipients[]` or by the name
 * repeated; dictionaries as `propertyList.key` or `propertyList[key]`, keys in their own case. Of a repeated single value
 * the first holds. All values are still text, or absent; `normalize` does the rest. Pure.
 *
 * Source: compatibility.md, correspondence, §3.
 */
export function shapeForm(schema: TSchema, fields: readonly Field[]): unknown {
  return read(schema as Shape, plant(unprefixed(fields))) ?? {};
}

function read(shape: Shape, node: Node): unknown {
  const [main] = alternatives(shape);
  if (!main) return undefined;
  const members = membersOf(main);
  if (members) return readObject(members, node);
  if (valuesOf(main)) return readDictionary(node);
  if (main.type === 'array') return readList(main.items ?? {}, node);
  return node.values[0];
}

function readObject(members: Readonly<Record<string, Shape>>, node: Node): unknown {
  const found: [string, unknown][] = [];
  for (const [name, shape] of Object.entries(members)) {
    const child = node.children.get(name.toLowerCase());
    const value = child && read(shape, child);
    if (value !== undefined) found.push([name, value]);
  }
  return found.length > 0 ? Object.fromEntries(found) : undefined;
}

function readList(items: Shape, node: Node): unknown {
  const list: unknown[] = [];
  for (let child = node.children.get('[0]'); child; child = node.children.get(`[${list.length}]`)) {
    const item = read(items, child);
    if (item === undefined) break; // nothing of it is known: as if it were not there
    list.push(item);
  }
  if (list.length > 0) return list;
  const repeated = [...node.values, ...(node.children.get('[]')?.values ?? [])];
  return repeated.length > 0 ? repeated : undefined;
}

function readDictionary(node: Node): unknown {
  const entries = new Map<string, string>();
  for (const { rest, value } of node.below) {
    const key = rest.startsWith('.') ? rest.slice(1) : /^\[([^\]]*)\]$/.exec(rest)?.[1];
    if (key && !entries.has(key)) entries.set(key, value);
  }
  return entries.size > 0 ? Object.fromEntries(entries) : undefined;
}
