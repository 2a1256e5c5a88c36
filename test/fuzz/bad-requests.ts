import fc from 'fast-check';
import type { Operation, Parameter, Shape } from './operations.ts';

/** A request as it goes over the wire, whatever is wrong with it. */
export interface BadRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
  readonly caller: number;
}

/** Words that mean something here, so that a request gets past the first gate now and then. */
export interface Known {
  readonly ids: readonly string[];
  readonly words: readonly string[];
  readonly callers: number;
}

/** Texts at which parsers, databases and templates have stumbled. */
const torture = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\u202e\u2066drow',
  '0',
  '-1',
  '1e999',
  'null',
  'undefined',
  'NaN',
  '[object Object]',
  '__proto__',
  'constructor',
  '../../etc/passwd',
  '%00',
  '%2e%2e%2f',
  "' or 1=1 --",
  '{{constructor.constructor("return 1")()}}',
  '$sendersName$',
  '<script>alert(1)</script>',
  '\r\nX-Injected: yes',
  '0001-01-01T00:00:00Z',
  '9999-12-31T23:59:59.9999999-14:00',
  '2026-02-30T00:00:00Z',
  'P999999999Y',
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  '\u{1f469}\u200d\u{1f469}\u200d\u{1f467}'.repeat(40),
  'x'.repeat(70_000),
] as const;

const oddValues: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 31,
  2 ** 53,
  -(2 ** 63),
  1e308,
  [],
  {},
  [[]],
  [null],
  { a: 1 },
  ...torture,
];

/** Requests to one operation, most of them wrong in one to three ways. */
export function badRequestsTo(operation: Operation, known: Known): fc.Arbitrary<BadRequest> {
  const inPath = operation.parameters.filter((parameter) => parameter.in === 'path');
  const inQuery = operation.parameters.filter((parameter) => parameter.in === 'query');
  return fc
    .record({
      places: fc.tuple(
        ...inPath.map(() => fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...known.ids) }, { weight: 1, arbitrary: textIn(known) })),
      ),
      query: queryOf(inQuery, known),
      body: bodyOf(operation, known),
      headers: oddHeaders,
      caller: fc.nat({ max: known.callers - 1 }),
    })
    .map(({ places, query, body, headers, caller }) => {
      const path = inPath.reduce((at, { name }, index) => at.replace(`{${name}}`, asPathStep(places[index]!)), operation.path);
      return {
        method: operation.method,
        path: query === '' ? path : `${path}?${query}`,
        headers: { ...(body === undefined ? {} : { 'content-type': body.mediaType }), ...headers },
        body: body?.bytes,
        caller,
      };
    });
}

const textIn = (known: Known): fc.Arbitrary<string> =>
  fc.oneof(fc.constantFrom(...torture), fc.constantFrom(...known.words, ...known.ids), fc.string({ unit: 'binary', maxLength: 40 }));

/** Empty steps would name another operation. */
const asPathStep = (text: string): string => encode(text.slice(0, 2000)) || '%20';

/** As encodeURIComponent, which throws on half a letter. */
const encode = (text: string): string => encodeURIComponent(text.toWellFormed());

/** Places in a list, which a server hands out in a form of its own: whole ones bent, since noise never gets past the first look. */
const places: fc.Arbitrary<string> = fc
  .oneof(
    fc
      .array(fc.constantFrom<unknown>(...oddValues, '1', '2026-01-01T00:00:00.000000Z'), { maxLength: 4 })
      .map((list) => JSON.stringify(list)),
    fc
      .tuple(
        fc.constantFrom(
          '2026-02-30T10:00:00.000000Z',
          '0000-01-01T00:00:00.000000Z',
          '9999-12-31T23:59:60.000000Z',
          '2026-01-01T00:00:00.000000Z',
        ),
        fc.constantFrom('0198f0a0-0000-7000-8000-000000000001', '\u0000', 'x'),
        fc.constantFrom('asc', 'desc', ''),
      )
      .map((parts) => parts.join('_')),
  )
  .map((text) => Buffer.from(text).toString('base64url'));
const isPlace = /token|after|cursor/i;

function queryOf(parameters: readonly Parameter[], known: Known): fc.Arbitrary<string> {
  const one = ({ name, schema }: Parameter): fc.Arbitrary<string[]> => {
    const value = fc.oneof(
      { weight: 3, arbitrary: rightValue(schema, known) },
      { weight: 2, arbitrary: textIn(known) },
      ...(isPlace.test(name) ? [{ weight: 5, arbitrary: places }] : []),
    );
    return fc.array(value, { maxLength: 2 }).map((values) => values.map((each) => `${name}=${encode(String(each).slice(0, 2000))}`));
  };
  const stray = fc.oneof(
    { weight: 4, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: textIn(known).map((text) => [`${encode(text.slice(0, 200))}=1`]) },
  );
  return fc.tuple(...parameters.map(one), stray).map((pairs) => pairs.flat().join('&'));
}

const oddHeaders = fc.oneof(
  { weight: 6, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Record<string, string>>(
      { accept: 'image/png' },
      { accept: '*/*;q=0' },
      { 'content-type': 'text/xml' },
      { 'content-type': 'application/json; charset=utf-16' },
      { 'content-type': '////' },
      { range: 'bytes=5-1' },
      { range: 'bytes=0-18446744073709551616' },
      { 'if-match': '"x' },
      { traceparent: '00-zz' },
      { 'x-api-key': 'x'.repeat(2000) },
      { origin: 'null' },
    ),
  },
);

interface SentBody {
  readonly mediaType: string;
  readonly bytes: Buffer;
}

function bodyOf(operation: Operation, known: Known): fc.Arbitrary<SentBody | undefined> {
  const kinds = Object.entries(operation.bodies);
  if (kinds.length === 0)
    return fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: noise('application/json') });
  const bodies = kinds.map(([mediaType, shape]) => {
    if (mediaType === 'application/json' || mediaType.endsWith('+json')) return jsonBody(mediaType, shape, known);
    if (mediaType === 'multipart/form-data') return formBody(shape, known);
    if (mediaType === 'application/x-www-form-urlencoded') return fieldsBody(shape, known);
    return noise(mediaType);
  });
  return fc.oneof(
    { weight: 8, arbitrary: fc.oneof(...bodies) },
    { weight: 1, arbitrary: noise(kinds[0]![0]) },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
}

const noise = (mediaType: string): fc.Arbitrary<SentBody> =>
  fc
    .oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      fc
        .constantFrom('', '{', '[]', 'null', '"text"', '{"a":'.repeat(2000), '[1,2', '{"__proto__":{"a":1}}')
        .map((text) => Buffer.from(text)),
    )
    .map((bytes) => ({ mediaType, bytes }));

const jsonBody = (mediaType: string, shape: Shape, known: Known): fc.Arbitrary<SentBody> =>
  fc
    .tuple(rightValue(shape, known), fc.array(fc.tuple(fc.nat(), fc.constantFrom(...oddValues), fc.nat({ max: 3 })), { maxLength: 3 }))
    .map(([value, bends]) => ({ mediaType, bytes: Buffer.from(JSON.stringify(bends.reduce(bend, value)) ?? '') }));

/** Puts an odd value at one place of a value, takes a member away, or adds one. */
function bend(value: unknown, [place, odd, how]: readonly [number, unknown, number]): unknown {
  const places: [holder: Record<string, unknown>, name: string][] = [];
  const walk = (at: unknown): void => {
    if (typeof at !== 'object' || at === null) return;
    for (const name of Object.keys(at)) {
      places.push([at as Record<string, unknown>, name]);
      walk((at as Record<string, unknown>)[name]);
    }
  };
  const bent = structuredClone(value);
  walk(bent);
  if (places.length === 0) return how === 0 ? odd : bent;
  const [holder, name] = places[place % places.length]!;
  if (how === 0 && !Array.isArray(holder)) delete holder[name];
  if (how === 1) holder[name] = odd;
  if (how === 2) holder[name] = [holder[name], odd];
  if (how === 3 && !Array.isArray(holder)) holder[typeof odd === 'string' && odd !== '__proto__' ? odd : 'strange'] = odd;
  return bent;
}

/** A value flattened into the paths of a form. */
function fieldsOf(value: unknown, at = ''): [name: string, text: string][] {
  if (Array.isArray(value)) return value.flatMap((item, index) => fieldsOf(item, `${at}[${index}]`));
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([name, member]) => fieldsOf(member, at === '' ? name : `${at}.${name}`));
  }
  return [[at, value === null || value === undefined ? '' : String(value)]];
}

const formBody = (shape: Shape, known: Known): fc.Arbitrary<SentBody> =>
  fc
    .record({
      value: rightValue(shape, known),
      stray: fc.array(fc.tuple(textIn(known), textIn(known)), { maxLength: 2 }),
      files: fc.array(
        fc.tuple(fc.constantFrom('attachments', 'Attachments', 'policyFile', ''), textIn(known), fc.uint8Array({ maxLength: 50 })),
        { maxLength: 2 },
      ),
      cut: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat({ max: 200 }) }),
    })
    .map(({ value, stray, files, cut }) => {
      const quote = (text: string): string => text.replaceAll(/[\r\n"]/g, '_').slice(0, 500);
      const parts = [
        ...[...fieldsOf(value), ...stray].map(([name, text]) => `Content-Disposition: form-data; name="${quote(name)}"\r\n\r\n${text}`),
        ...files.map(
          ([name, file, bytes]) =>
            `Content-Disposition: form-data; name="${name}"; filename="${quote(file)}"\r\n\r\n${Buffer.from(bytes).toString('latin1')}`,
        ),
      ];
      const whole = Buffer.from(`${parts.map((part) => `--edge\r\n${part}\r\n`).join('')}--edge--\r\n`);
      return { mediaType: 'multipart/form-data; boundary=edge', bytes: whole.subarray(0, Math.max(0, whole.length - cut)) };
    });

const fieldsBody = (shape: Shape, known: Known): fc.Arbitrary<SentBody> =>
  fc.tuple(rightValue(shape, known), fc.array(fc.tuple(textIn(known), textIn(known)), { maxLength: 2 })).map(([value, stray]) => ({
    mediaType: 'application/x-www-form-urlencoded',
    bytes: Buffer.from([...fieldsOf(value), ...stray].map(([name, text]) => `${encode(name)}=${encode(text)}`).join('&')),
  }));

/** A value that the shape allows, with known words where it asks for a text; edges of its limits, inside and one beyond. */
function rightValue(shape: Shape, known: Known): fc.Arbitrary<unknown> {
  if ('const' in shape) return fc.constant(shape.const);
  if (shape.enum !== undefined) return fc.constantFrom(...shape.enum);
  if (shape.anyOf !== undefined) return fc.oneof(...shape.anyOf.map((each) => rightValue(each, known)));
  if (shape.allOf !== undefined)
    return fc.tuple(...shape.allOf.map((each) => rightValue(each, known))).map((parts) => Object.assign({}, ...parts));
  switch (shape.type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
    case 'number':
      return fc.oneof(
        fc.integer({ min: shape.minimum ?? -10, max: shape.maximum ?? 1000 }),
        fc.constantFrom((shape.minimum ?? 0) - 1, (shape.maximum ?? 2 ** 31) + 1),
      );
    case 'array':
      return fc.oneof(
        {
          weight: 8,
          arbitrary: fc.array(rightValue(shape.items ?? {}, known), { minLength: Math.min(shape.minItems ?? 0, 3), maxLength: 3 }),
        },
        {
          weight: 1,
          arbitrary: rightValue(shape.items ?? {}, known).map((item) =>
            Array.from({ length: Math.min((shape.maxItems ?? 600) + 1, 2000) }, () => item),
          ),
        },
      );
    case 'object':
      return objectOf(shape, known);
    case 'string':
      return textOf(shape, known);
    default:
      return fc.constantFrom(...oddValues);
  }
}

function objectOf(shape: Shape, known: Known): fc.Arbitrary<unknown> {
  const members = Object.entries(shape.properties ?? {}).map(([name, member]) => {
    const value = rightValue(member, known).map((given) => [[name, given] as const]);
    return shape.required?.includes(name) ? value : fc.oneof(value, fc.constant([]));
  });
  const more =
    typeof shape.additionalProperties === 'object'
      ? fc.dictionary(textIn(known), rightValue(shape.additionalProperties, known), { maxKeys: 2 })
      : fc.constant({});
  return fc.tuple(fc.tuple(...members), more).map(([pairs, rest]) => ({ ...rest, ...Object.fromEntries(pairs.flat()) }));
}

function textOf({ format, minLength = 0, maxLength = 400 }: Shape, known: Known): fc.Arbitrary<string> {
  if (format === 'uuid') return fc.oneof(fc.constantFrom(...known.ids), fc.uuid());
  if (format === 'date-time')
    return fc.date({ noInvalidDate: true, min: new Date(-1e13), max: new Date(9e12) }).map((date) => date.toISOString());
  const edge = fc.constantFrom(minLength, maxLength, maxLength + 1).map((length) => 'x'.repeat(Math.min(length, 40_000)));
  return fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...known.words) },
    { weight: 1, arbitrary: edge },
    { weight: 1, arbitrary: fc.string({ minLength, maxLength: Math.min(maxLength, 60) }) },
  );
}
