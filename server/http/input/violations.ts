import type { TLocalizedValidationError } from 'typebox/error';
import { alternatives, membersOf, type Shape, valuesOf } from './shapes.ts';

/** What does not fit, with the key and the words that clients of the original see. */
export interface Violation {
  /** `Correspondence.Content.MessageTitle`; `$.correspondence` where JSON of a wrong kind stands; `role` of a query. */
  readonly key: string;
  readonly detail: string;
}

/** Where a value came from decides how its keys are written; `own` is JSON of an operation that the original does not have. */
export type Place = 'json' | 'own' | 'form' | 'query';

const isJson = (place: Place): boolean => place === 'json' || place === 'own';

/** One thing that is wrong: where, by which keyword, and the shapes whose words may speak of it, nearest first. */
interface Finding {
  readonly path: readonly string[];
  readonly keyword: string;
  readonly shapes: readonly Shape[];
  readonly message: string;
  /** The name that is wrong, of a dictionary. */
  readonly key?: string;
}

/** The violations that a client reads, from what the compiled schema found. */
export function explain(schema: Shape, place: Place, value: unknown, errors: readonly TLocalizedValidationError[]): readonly Violation[] {
  const telling = errors.filter((error) => !isNoise(error, errors));
  // What does not fit is refused whether we find words for it or not.
  const findings = (telling.length > 0 ? telling : errors).flatMap((error) => findingsOf(schema, error));
  const conversions = findings.filter((finding) => isConversion(finding, valueAt(value, finding.path)));
  const told = isJson(place) && conversions.length > 0 ? conversions : findings;
  const violations = new Map<string, Violation>();
  for (const finding of told) {
    const violation = describe(schema, place, {
      ...finding,
      found: valueAt(value, finding.path),
      isConversion: conversions.includes(finding),
    });
    violations.set(`${violation.key} ${violation.detail}`, violation);
  }
  return [...violations.values()];
}

/** A union reports each alternative and itself; null as an alternative is nobody's mistake, and the sum says nothing. So with the names of a dictionary, and with a condition. */
function isNoise(error: TLocalizedValidationError, errors: readonly TLocalizedValidationError[]): boolean {
  if (error.keyword === 'type' && error.params.type === 'null' && /\/anyOf\/\d+$/.test(error.schemaPath)) return true;
  if (error.schemaPath.endsWith('/propertyNames')) return true;
  // A member that a condition asks for is told by its name, all else by the words of the condition.
  if (error.keyword === 'if') return errors.some((other) => asksForMember(other) && conditionOf(other) === error.schemaPath);
  const condition = conditionOf(error);
  if (
    condition !== undefined &&
    !asksForMember(error) &&
    errors.some(({ keyword, schemaPath }) => keyword === 'if' && schemaPath === condition)
  )
    return true;
  if (error.keyword === 'anyOf') return errors.some((other) => other.schemaPath.startsWith(`${error.schemaPath}/anyOf/`));
  return (
    error.keyword === 'boolean' ||
    (error.keyword === 'enum' && errors.some((other) => other.keyword === 'type' && other.schemaPath === error.schemaPath))
  );
}

const conditionOf = ({ schemaPath }: TLocalizedValidationError): string | undefined => /^(.*)\/(?:then|else)(?:\/|$)/.exec(schemaPath)?.[1];
const asksForMember = ({ keyword }: TLocalizedValidationError): boolean => keyword === 'required' || keyword === 'type';

const unescapePointer = (segment: string): string => segment.replaceAll('~1', '/').replaceAll('~0', '~');
const pointer = (path: string): string[] => path.split('/').slice(1).map(unescapePointer);

function findingsOf(schema: Shape, error: TLocalizedValidationError): Finding[] {
  const path = pointer(error.instancePath);
  const shapes = shapesAlong(schema, pointer(error.schemaPath.replace(/^#/, '')));
  const { message } = error;
  if (error.keyword === 'required') {
    const members = membersOf(shapes[0]!) ?? {};
    return error.params.requiredProperties.map((name) => ({
      path: [...path, name],
      keyword: 'required',
      shapes: wordingsOf(members[name] ?? {}),
      message,
    }));
  }
  if (error.keyword === 'additionalProperties') {
    return error.params.additionalProperties.map((name) => ({ path: [...path, name], keyword: 'unknown', shapes: [], message }));
  }
  if (error.keyword === 'propertyNames')
    return error.params.propertyNames.map((key) => ({ path, keyword: 'propertyNames', shapes, message, key }));
  return [{ path, keyword: error.keyword === '~refine' ? 'maxLength' : error.keyword, shapes, message }];
}

/** The shape that a pointer leads to and the unions right above it, nearest first. */
function shapesAlong(schema: Shape, path: readonly string[]): readonly Shape[] {
  let above: Shape[] = [schema];
  let here: unknown = schema;
  for (const [index, segment] of path.entries()) {
    here = typeof here === 'object' && here !== null ? (here as Record<string, unknown>)[segment] : undefined;
    if (typeof here !== 'object' || here === null) break;
    if (Array.isArray(here) || segment === 'properties' || segment === 'patternProperties') continue;
    above = path[index - 1] === 'anyOf' ? [here as Shape, ...above] : [here as Shape];
  }
  return above;
}

function wordingsOf(shape: Shape): readonly Shape[] {
  return [...alternatives(shape), shape];
}

function wordsFor(shapes: readonly Shape[], keyword: string): string | undefined {
  for (const { violation } of shapes) {
    const words = typeof violation === 'string' ? violation : violation?.[keyword];
    if (words !== undefined) return words;
  }
  return undefined;
}

const conversionKeywords = new Set(['type', 'enum', 'format', 'const', 'anyOf']);

/** What the original's JSON reader would have refused before any rule was asked: a value of another kind, not one that is missing. */
function isConversion(finding: Finding, value: unknown): boolean {
  if (value === null || value === undefined) return false;
  return conversionKeywords.has(finding.keyword) && wordsFor(finding.shapes, finding.keyword) === undefined;
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  let here = value;
  for (const segment of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, segment)) return undefined;
    here = (here as Record<string, unknown>)[segment];
  }
  return here;
}

/** A finding with what stands in its place, and whether the original's JSON reader would have refused that. */
interface Found extends Finding {
  readonly found: unknown;
  readonly isConversion: boolean;
}

function describe(schema: Shape, place: Place, finding: Found): Violation {
  const { found } = finding;
  const names = clrPath(schema, finding.path, place);
  const field = names.field || 'request';
  if (isJson(place) && finding.isConversion) {
    const key = jsonPath(finding.path);
    if (place === 'own') return { key, detail: whatIsTaken(finding.shapes, found) };
    return { key, detail: `The JSON value could not be converted to ${kindOf(finding.shapes)}. Path: ${key}.` };
  }
  const words = wordsFor(finding.shapes, found === null || (found === '' && finding.keyword !== 'pattern') ? 'required' : finding.keyword);
  const detail = words ?? wordsFor(finding.shapes, finding.keyword) ?? standardWords(finding, field);
  const told = finding.key ?? found;
  return {
    key: names.key,
    detail: detail
      .replaceAll('{field}', field)
      .replace('{length}', () => String(String(told).length))
      .replace('{value}', () => String(told)),
  };
}

function standardWords(finding: Found, field: string): string {
  const { found } = finding;
  const shape = finding.shapes.find((candidate) => finding.keyword in candidate) ?? finding.shapes[0] ?? {};
  const missing = finding.keyword === 'required' || found === null || (found === '' && finding.keyword === 'minLength');
  if (missing) return `The ${field} field is required.`;
  if (finding.isConversion) return `The value '${String(found).slice(0, 100)}' is not valid for ${field}.`;
  switch (finding.keyword) {
    case 'maxLength':
      return shape.minLength === undefined
        ? `The field ${field} must be a string or array type with a maximum length of '${shape.maxLength}'.`
        : `The field ${field} must be a string with a minimum length of ${shape.minLength} and a maximum length of ${shape.maxLength}.`;
    case 'minLength':
      return `The field ${field} must be a string or array type with a minimum length of '${shape.minLength}'.`;
    case 'maxItems':
      return `The field ${field} must be a string or array type with a maximum length of '${shape.maxItems}'.`;
    case 'minItems':
      return `The field ${field} must be a string or array type with a minimum length of '${shape.minItems}'.`;
    case 'pattern':
      return `The field ${field} must match the regular expression '${String(shape.pattern)}'.`;
    case 'minimum':
    case 'maximum':
      return `The field ${field} must be between ${shape.minimum ?? '-∞'} and ${shape.maximum ?? '∞'}.`;
    case 'unknown':
      return `The member '${field}' is not known here.`;
    default:
      return `The field ${field} is not valid: ${finding.message}.`;
  }
}

/** Those of JSON Schema; others are names of rules of ours. */
const knownFormats: ReadonlySet<string> = new Set(['uuid', 'date-time', 'date', 'email', 'uri', 'binary']);

function kindOf(shapes: readonly Shape[]): string {
  const shape = shapes.find((candidate) => candidate.enumeration ?? candidate.type ?? candidate.enum);
  const format = shape?.format !== undefined && knownFormats.has(shape.format) ? shape.format : undefined;
  return shape?.enumeration?.name ?? format ?? shape?.type ?? 'the expected type';
}

/** What would have been taken, in words of our own. */
function whatIsTaken(shapes: readonly Shape[], found: unknown): string {
  const names = shapes.find((shape) => shape.enumeration ?? shape.enum);
  if (names && typeof found !== 'object')
    return `'${String(found).slice(0, 100)}' is none of ${(names.enumeration ? Object.keys(names.enumeration.values) : names.enum!).join(', ')}.`;
  return `The value must be of the kind ${names ? 'string' : kindOf(shapes)}.`;
}

const isIndex = (segment: string): boolean => /^\d+$/.test(segment);

function jsonPath(path: readonly string[]): string {
  return path.reduce((key, segment) => (isIndex(segment) ? `${key}[${segment}]` : `${key}.${segment}`), '$');
}

/** The key in the original's own names, and the last name in it for the texts. */
function clrPath(schema: Shape, path: readonly string[], place: Place): { key: string; field: string } {
  let shape: Shape | undefined = schema;
  let key = '';
  let field = '';
  for (const segment of path) {
    const main: Shape | undefined = shape && alternatives(shape)[0];
    const member: Shape | undefined = main && membersOf(main)?.[segment];
    if (!member && main && (main.items || valuesOf(main))) {
      key += `[${segment}]`;
      shape = main.items ?? valuesOf(main);
      continue;
    }
    field =
      (member && wordingsOf(member).find((one) => one.clrName)?.clrName) ??
      (place === 'query' ? segment : segment.charAt(0).toUpperCase() + segment.slice(1));
    key += key === '' ? field : `.${field}`;
    shape = member;
  }
  return { key, field };
}
