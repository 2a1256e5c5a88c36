import type { Operation, Shape } from '../fuzz/operations.ts';

/** What members and parameters of a name hold, whatever asks for them. */
export type Named = Readonly<Record<string, string>>;

/** Nothing is wrong with it but who sends it. */
export interface ShapedRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body: FormData | { readonly mediaType: string; readonly bytes: Buffer } | undefined;
}

/**
 * The least that an operation takes: each parameter and member that its shape demands, and of the others those that are named. Built from
 * the document of the API, so that a new route is tried with a request of its own. A list holds one item.
 */
export function shapedRequest(operation: Operation, named: Named, idOf: (name: string) => string): ShapedRequest {
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(idOf(name)));
  const query = operation.parameters.flatMap(({ in: where, name, schema, required }) => {
    if (where !== 'query' || !(required || name in named)) return [];
    return [[name, String(valueFor(name, schema, named))] as [string, string]];
  });
  const { method } = operation;
  return { method, path: query.length > 0 ? `${path}?${new URLSearchParams(query)}` : path, body: bodyOf(operation, named) };
}

function bodyOf({ method, bodies }: Operation, named: Named): ShapedRequest['body'] {
  const kinds = Object.entries(bodies);
  if (method === 'GET' || kinds.length === 0) return undefined;
  const [type, shape] = kinds.find(([each]) => each.includes('json')) ?? kinds[0]!;
  if (type.includes('json')) return { mediaType: type, bytes: Buffer.from(JSON.stringify(valueFor('', shape, named))) };
  if (type.startsWith('multipart/')) {
    const form = new FormData();
    form.append('x', 'y');
    return form;
  }
  return { mediaType: type, bytes: Buffer.from('abc') };
}

function valueFor(name: string, shape: Shape, named: Named): unknown {
  if ('const' in shape) return shape.const;
  if (shape.enum !== undefined) return shape.enum[0];
  if (shape.anyOf !== undefined) return valueFor(name, shape.anyOf.find(({ type }) => type !== 'null') ?? shape.anyOf[0]!, named);
  if (shape.allOf !== undefined) return Object.assign({}, ...shape.allOf.map((each) => valueFor(name, each, named)));
  switch (shape.type) {
    case 'boolean':
      return false;
    case 'integer':
    case 'number':
      return Math.max(shape.minimum ?? 1, 1);
    case 'array':
      return [valueFor(name, shape.items ?? {}, named)];
    case 'object':
      return objectOf(shape, named);
    case 'string':
      return textOf(name, shape, named);
    default:
      return named[name] ?? 'x';
  }
}

function objectOf({ properties = {}, required = [] }: Shape, named: Named): object {
  const members = Object.entries(properties).filter(([name]) => required.includes(name) || name in named);
  return Object.fromEntries(members.map(([name, member]) => [name, valueFor(name, member, named)]));
}

const uuid = '0198f0a0-0000-7000-8000-00000000000a';

function textOf(name: string, { format, pattern, minLength = 1 }: Shape, named: Named): string {
  const word = named[name];
  if (format === 'uuid') return word && /^[0-9a-f-]{36}$/.test(word) ? word : uuid;
  if (word !== undefined && (pattern === undefined || new RegExp(pattern).test(word))) return word;
  if (format === 'date-time') return '2030-01-01T00:00:00Z';
  const samples = [
    uuid,
    'x'.repeat(Math.max(3, minLength)),
    '315001145',
    '0192:315001145',
    '2030-01-01',
    'P1D',
    '12:00',
    '1',
    '123456',
    'a@example.no',
    'A',
  ];
  return (pattern === undefined ? undefined : samples.find((each) => new RegExp(pattern).test(each))) ?? samples[1]!;
}
