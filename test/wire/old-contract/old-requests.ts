import fc from 'fast-check';
import type { OldContract, OldSchema } from './contract.ts';

/** What stands at a place of the request where the schema says less than the rules do: by path, a list's places left out. */
export type KnownValues = Readonly<Record<string, fc.Arbitrary<unknown>>>;

const unset = Symbol('left out');

/**
 * Requests that the old contract allows: each member that it does not require is there or not, null where it may be, and of
 * any value that its schema allows unless `known` says what has a meaning there.
 */
export function requestsOf(contract: OldContract, schema: OldSchema, known: KnownValues): fc.Arbitrary<Record<string, unknown>> {
  const anyValue = (at: string, shape: OldSchema): fc.Arbitrary<unknown> => {
    const given = known[at];
    if (given !== undefined) return given;
    const value = plainValueOf(at, shape);
    return shape.nullable === true ? fc.option(value, { nil: null, freq: 4 }) : value;
  };
  const plainValueOf = (at: string, shape: OldSchema): fc.Arbitrary<unknown> => {
    if (shape.$ref !== undefined) return anyValue(at, contract.components.schemas[shape.$ref.split('/').at(-1) ?? '']!);
    if (shape.enum !== undefined) return enumValue(shape.enum);
    if (shape.type === 'array') return fc.array(anyValue(at, shape.items!), { maxLength: 3 });
    if (shape.type === 'boolean') return fc.boolean();
    if (shape.type === 'integer') return fc.integer();
    if (shape.type === 'object') return objectOf(at, shape);
    return textOf(shape);
  };
  const objectOf = (at: string, shape: OldSchema): fc.Arbitrary<Record<string, unknown>> => {
    if (typeof shape.additionalProperties === 'object') return fc.dictionary(word, word, { maxKeys: 3 });
    const members = Object.entries(shape.properties ?? {}).map(([name, member]) => {
      const value = anyValue(at === '' ? name : `${at}.${name}`, member);
      const needed = shape.required?.includes(name) ?? false;
      return fc.tuple(
        fc.constant(name),
        needed ? value : fc.oneof({ weight: 1, arbitrary: fc.constant(unset) }, { weight: 2, arbitrary: value }),
      );
    });
    return fc.tuple(...members).map((pairs) => Object.fromEntries(pairs.filter(([, value]) => value !== unset)));
  };
  return objectOf('', schema.$ref === undefined ? schema : contract.components.schemas[schema.$ref.split('/').at(-1) ?? '']!);
}

const word = fc.stringMatching(/^[a-zA-Z0-9æøåÆØÅ][a-zA-Z0-9æøåÆØÅ .,]{0,40}$/);

/** Names in any case and numbers, as clients of the original send them. */
const enumValue = (names: readonly string[]): fc.Arbitrary<unknown> =>
  fc.oneof(
    fc.constantFrom(...names),
    fc.constantFrom(...names.map((name) => name.toLowerCase())),
    fc.integer({ min: 0, max: names.length - 1 }),
  );

function textOf({ format, maxLength = 200, minLength = 0 }: OldSchema): fc.Arbitrary<string> {
  if (format === 'uuid') return fc.uuid();
  if (format === 'date-time') return instant;
  return fc.string({ minLength, maxLength: Math.min(maxLength, 200), unit: 'grapheme' }).filter((text) => text.length <= maxLength);
}

/** As the clients of the original write instants: with a zone, in UTC, with seven decimals as .NET has them. */
export const instant = fc.date({ min: new Date('2020-01-01'), max: new Date('2030-12-31'), noInvalidDate: true }).chain((date) => {
  const iso = date.toISOString();
  return fc.constantFrom(iso, iso.replace(/\.\d+Z/, 'Z'), iso.replace('Z', '0000Z'), iso.replace('Z', '+01:00'), iso.replace('Z', ''));
});
