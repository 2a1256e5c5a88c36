import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Compile, type Validator } from 'typebox/schema';

/** A schema as OpenAPI 3.0 writes it. */
export interface OldSchema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly nullable?: boolean;
  readonly enum?: readonly string[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly items?: OldSchema;
  /** How a reference is written that has a description of its own. */
  readonly oneOf?: readonly OldSchema[];
  readonly properties?: Readonly<Record<string, OldSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | OldSchema;
}

export interface OldOperation {
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: OldSchema }>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly schema: OldSchema }>> }>>;
}

export interface OldContract {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OldOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, OldSchema>> };
}

/** Published documents of the original that are not part of this repository: they lie beside it, or where BUDSTIKKE_TEST_CONTRACTS says. */
const folder = process.env.BUDSTIKKE_TEST_CONTRACTS ?? join(import.meta.dirname, '../../../../shared/spec/data');

/** Reads a published contract; undefined where it is not at hand. */
export function readContract(name: string): OldContract | undefined {
  const path = join(folder, name);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, '')) as OldContract) : undefined;
}

/** What the original's answers have had since the document was published, or do without. `why` names the row in docs/compatibility.md. */
export type Difference = { readonly schema: string; readonly why: string } & (
  | { readonly adds: Readonly<Record<string, OldSchema>> }
  | { readonly values: readonly string[] }
  | { readonly nullable: readonly string[] }
);

/**
 * Tells what of an answer does not fit the schema of that name, the known differences allowed; an empty list means that it
 * fits. OpenAPI 3.0 cannot say that a member which refers to another schema may be null, so such members may.
 */
export function answerChecker(contract: OldContract, differences: readonly Difference[]): (schema: OldSchema, answer: unknown) => string[] {
  const schemas = structuredClone(contract.components.schemas) as Record<string, Record<string, unknown>>;
  for (const difference of differences) {
    const schema = schemas[difference.schema];
    if (schema === undefined) throw new Error(`The contract has no schema ${difference.schema}.`);
    if ('adds' in difference) schema.properties = { ...(schema.properties as object), ...difference.adds };
    if ('values' in difference) schema.enum = [...(schema.enum as string[]), ...difference.values];
    if ('nullable' in difference) {
      const properties = schema.properties as Record<string, object>;
      for (const name of difference.nullable) properties[name] = { ...properties[name], nullable: true };
    }
  }
  const $defs = Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, toJsonSchema(schema, true)]));
  const compiled = new Map<string, Validator>();
  return (schema, answer) => {
    const key = JSON.stringify(schema);
    const validator = compiled.get(key) ?? Compile({ $defs, ...(toJsonSchema(schema, true) as object) });
    compiled.set(key, validator);
    const [fits, errors] = validator.Errors(answer);
    return fits ? [] : errors.map(({ instancePath, message }) => `${instancePath || '/'} ${message}`);
  };
}

function toJsonSchema(schema: OldSchema, top = false): unknown {
  if (schema.$ref !== undefined) {
    const reference = { $ref: schema.$ref.replace('#/components/schemas/', '#/$defs/') };
    return top ? reference : { anyOf: [reference, { type: 'null' }] };
  }
  if (schema.oneOf !== undefined) {
    return { anyOf: [...schema.oneOf.map((one) => toJsonSchema(one, true)), ...(schema.nullable === true ? [{ type: 'null' }] : [])] };
  }
  const { nullable, type, items, properties, additionalProperties, ...rest } = schema;
  return {
    ...rest,
    ...(type === undefined ? {} : { type: nullable === true ? [type, 'null'] : type }),
    ...(items === undefined ? {} : { items: toJsonSchema(items, true) }),
    ...(properties === undefined
      ? {}
      : { properties: Object.fromEntries(Object.entries(properties).map(([name, member]) => [name, toJsonSchema(member)])) }),
    ...(additionalProperties === undefined
      ? {}
      : {
          additionalProperties: typeof additionalProperties === 'boolean' ? additionalProperties : toJsonSchema(additionalProperties, true),
        }),
  };
}

/** Members that the schema names and the answer does not have, by path; of a list the first item is looked at. */
export function missingMembers(contract: OldContract, schema: OldSchema, answer: unknown, at = ''): string[] {
  const reference = schema.$ref ?? schema.oneOf?.[0]?.$ref;
  const shape = reference === undefined ? schema : contract.components.schemas[reference.split('/').at(-1) ?? '']!;
  if (answer === null || answer === undefined) return [];
  if (Array.isArray(answer)) return answer.length === 0 ? [] : missingMembers(contract, shape.items!, answer[0], `${at}[]`);
  return Object.entries(shape.properties ?? {}).flatMap(([name, member]) => {
    const path = `${at}/${name}`;
    const value = (answer as Readonly<Record<string, unknown>>)[name];
    return value === undefined ? [path] : missingMembers(contract, member, value, path);
  });
}
