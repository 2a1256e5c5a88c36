import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Set as setFormat } from 'typebox/format';
import { Settings } from 'typebox/system';
import type { Shape } from './shapes.ts';
import { canonicalTimestamp } from './timestamp.ts';
import { explain, type Place, type Violation } from './violations.ts';

/** The violations that one answer tells of; the rest would only repeat them. */
const mostViolations = 100;
Settings.Set({ maxErrors: mostViolations });
// One truth about what is an instant: the one that makes it canonical.
setFormat('date-time', (text) => canonicalTimestamp(text) !== undefined);

/** Undefined when the value fits. */
export type Validator = (value: unknown) => readonly Violation[] | undefined;

/**
 * Checks normalized values against a schema, compiled once. Lengths of texts count UTF-16 code units as the original does,
 * where JSON Schema counts characters.
 *
 * Source: compatibility.md, correspondence, §1.3, §2.1 (part A).
 */
export function compileValidator(schema: TSchema, place: Place): Validator {
  const compiled = Compile(inCodeUnits(schema as Shape) as TSchema);
  return (value) => (compiled.Check(value) ? undefined : explain(schema as Shape, place, value, compiled.Errors(value)));
}

/** The same schema with `maxLength` counted in UTF-16 code units. */
function inCodeUnits(shape: Shape): Shape {
  const copy: Record<string, unknown> = { ...shape };
  if (shape.maxLength !== undefined) {
    const most = shape.maxLength;
    delete copy.maxLength;
    copy['~refine'] = [{ check: (value: unknown) => typeof value !== 'string' || value.length <= most, error: () => 'maxLength' }];
  }
  for (const many of ['properties', 'patternProperties'] as const) {
    const members = shape[many];
    if (members) copy[many] = Object.fromEntries(Object.entries(members).map(([name, member]) => [name, inCodeUnits(member)]));
  }
  for (const list of ['anyOf', 'allOf'] as const) if (shape[list]) copy[list] = shape[list].map(inCodeUnits);
  for (const one of ['items', 'additionalProperties', 'propertyNames'] as const) {
    const inner = copy[one];
    if (typeof inner === 'object' && inner !== null) copy[one] = inCodeUnits(inner);
  }
  return copy as Shape;
}
