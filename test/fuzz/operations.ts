/** A JSON Schema as our API document writes it. */
export interface Shape {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Shape[];
  readonly allOf?: readonly Shape[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: Shape;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Shape;
}

export interface Parameter {
  readonly in: 'path' | 'query' | 'header';
  readonly name: string;
  readonly schema: Shape;
  readonly required?: boolean;
}

export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly name: string;
  readonly parameters: readonly Parameter[];
  /** Of all its ways in together. */
  readonly scopes: readonly string[];
  /** Media type → shape of the body. */
  readonly bodies: Readonly<Record<string, Shape>>;
}

interface Document {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          {
            readonly parameters?: readonly Parameter[];
            readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
            readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: Shape }>> };
          }
        >
      >
    >
  >;
}

/** Every operation of an API document, in its order. */
export function operationsOf(document: unknown): readonly Operation[] {
  return Object.entries((document as Document).paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, { parameters = [], security = [], requestBody }]) => ({
      method: method.toUpperCase(),
      path,
      name: `${method.toUpperCase()} ${path}`,
      parameters,
      scopes: [...new Set(security.flatMap((way) => Object.values(way).flat()))],
      bodies: Object.fromEntries(Object.entries(requestBody?.content ?? {}).map(([type, { schema = {} }]) => [type, schema])),
    })),
  );
}
