/** A schema seen as JSON Schema: the words that the border reads. */
export interface Shape {
  readonly type?: string;
  readonly format?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly patternProperties?: Readonly<Record<string, Shape>>;
  readonly additionalProperties?: boolean | Shape;
  readonly required?: readonly string[];
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
  readonly allOf?: readonly Shape[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string | RegExp;
  readonly enumeration?: { readonly name: string; readonly values: Readonly<Record<string, number>> };
  readonly violation?: string | Readonly<Record<string, string>>;
  readonly clrName?: string;
  readonly personal?: boolean;
}

const isNull = (shape: Shape): boolean => shape.type === 'null';

/** The alternatives of a shape other than null, also of a union within it: one for what is not a union. */
export function alternatives(shape: Shape): readonly Shape[] {
  return shape.anyOf && !shape.enumeration ? shape.anyOf.filter((branch) => !isNull(branch)).flatMap(alternatives) : [shape];
}

export function isNullable(shape: Shape): boolean {
  return isNull(shape) || (shape.anyOf?.some(isNull) ?? false);
}

/** The members of an object shape by their names, those of an intersection together; undefined when it is no object. */
export function membersOf(shape: Shape): Readonly<Record<string, Shape>> | undefined {
  if (!shape.allOf) return shape.properties;
  const parts = shape.allOf.map(membersOf).filter((part) => part !== undefined);
  return parts.length > 0 ? Object.assign({}, ...parts) : undefined;
}

/** The shape of a dictionary's values; undefined when it is none. */
export function valuesOf(shape: Shape): Shape | undefined {
  if (shape.properties) return undefined;
  if (shape.patternProperties) return Object.values(shape.patternProperties)[0];
  return typeof shape.additionalProperties === 'object' ? shape.additionalProperties : undefined;
}
