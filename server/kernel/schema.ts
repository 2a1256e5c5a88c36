import Type, { type Static, type TSchema, type TSchemaOptions } from 'typebox';

/**
 * The shapes that many features share, and the annotations that the adapters read beside JSON Schema's own words.
 * Types come out by `Static`. What a schema accepts is said after the leniency of the border (names in any case,
 * enumerations as integers, numbers as text); a use case only ever sees the canonical form.
 */
export type { Static };

/**
 * What clients of the original read when a value does not fit, and the name their keys use.
 * `violation`: one text for whatever is wrong, or a text per keyword (`required`, `minLength`, `maxLength`, `minItems`,
 * `maxItems`, `maxProperties`, `pattern`, `format`, `enum`, `type`, …). `{field}` stands for the member's name, `{value}` for what
 * was given and `{length}` for how long that is.
 * `clrName`: the name in keys such as `Correspondence.Content.MessageTitle`, where it is not the member's own with a capital.
 */
export interface Wording {
  readonly violation?: string | Readonly<Record<string, string>>;
  readonly clrName?: string;
}

/** A copy of `schema` with more annotations. TypeBox's own marks are hidden properties, so a spread would lose them. */
function annotated<T extends TSchema>(schema: T, annotations: Readonly<Record<string, unknown>>): T {
  const copy: object = Object.defineProperties({}, Object.getOwnPropertyDescriptors(schema));
  return Object.assign(copy, annotations) as T;
}

/** The schema with the words that clients of the original see. */
export function worded<T extends TSchema>(schema: T, wording: Wording): T {
  return annotated(schema, { ...wording });
}

/** Marks a value as personal data: the log, error reports and support dumps leave it out. */
export function personal<T extends TSchema>(schema: T): T {
  return annotated(schema, { personal: true });
}

/** A UUID in its hyphenated form; lower case after the border. */
export const Uuid = Type.String({ format: 'uuid' });

/** A UUID whose type is the branded id of one kind of thing: `IdOf<CorrespondenceId>()`. */
export function IdOf<T extends string>(options: TSchemaOptions = {}) {
  return Type.Unsafe<T>(Type.String({ ...options, format: 'uuid' }));
}

/**
 * An instant as ISO 8601 text. Clients may leave out seconds, the time, or the zone (then UTC); after the border it is
 * always a full date and time with an offset, and at most microseconds.
 */
export const Timestamp = Type.String({ format: 'date-time' });

/** When something ends: an instant, or a bare date, which stays one and is the last day in Norway on which it holds. */
export const Until = Type.Union([Type.String({ format: 'date' }), Timestamp], {
  description: 'An instant, or the last day in Norway on which it holds.',
});

/**
 * A closed list of names with the integers that the original's clients may send instead. Accepts a name in any case, the
 * integer, or the integer as text; it becomes the canonical name.
 */
export function Enumeration<const V extends Readonly<Record<string, number>>>(name: string, values: V, options: TSchemaOptions = {}) {
  const schema = { ...options, type: 'string', enum: Object.keys(values), enumeration: { name, values } };
  return Type.Unsafe<keyof V & string>(schema);
}

/** An `Enumeration` that lets an integer outside the list through as a number, for rules that must refuse it in words of their own. */
export function OpenEnumeration<const V extends Readonly<Record<string, number>>>(name: string, values: V, options: TSchemaOptions = {}) {
  const schema = { ...options, anyOf: [{ type: 'string', enum: Object.keys(values) }, { type: 'integer' }], enumeration: { name, values } };
  return Type.Unsafe<(keyof V & string) | number>(schema);
}

/** A closed list of names of our own; no other, and none in another case. */
export const oneOf = <const T extends readonly string[]>(values: T) => Type.Unsafe<T[number]>(Type.String({ enum: [...values] }));

/** The value or null; annotations of the value hold for the whole. An empty text in a form or query is null here. */
export function Nullable<T extends TSchema>(schema: T) {
  return Type.Union([schema, Type.Null()]);
}

/** A dictionary of texts. Keys keep their case. */
export const StringMap = Type.Record(Type.String(), Type.String());
