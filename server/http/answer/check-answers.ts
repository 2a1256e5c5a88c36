import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Refusal } from '#kernel/refusal.ts';
import { type AnyRoute, Reply } from '#kernel/route.ts';
import { successOf } from './answer.ts';
import { wireCode } from './problem.ts';

/** A route said one thing and did another. In tests the answer is a fault, so that nobody overlooks it. */
export class RouteLied extends Error {
  override readonly name = 'RouteLied';
}

/** The check of the way back: an answer that does not fit its schema, a refusal that the route does not list. */
export interface AnswerCheck {
  answer(result: unknown): void;
  refusal(refusal: Refusal): void;
}

export function checkOf(route: AnyRoute): AnswerCheck {
  const named = `${route.method} ${route.path}`;
  const compiled = new Map(Object.entries(route.answers).map(([status, schema]) => [Number(status), Compile(schema as TSchema)]));
  return {
    answer(result) {
      const { status, body } = result instanceof Reply ? result : new Reply(successOf(route), result);
      const schema = compiled.get(status);
      if (!schema) throw new RouteLied(`${named} answered ${status}, which it does not declare`);
      if (!isPlain(body)) return;
      const onTheWire: unknown = body === undefined ? null : JSON.parse(JSON.stringify(body));
      const errors = schema.Errors(onTheWire).map(({ instancePath, message }) => `${instancePath || '/'} ${message}`);
      if (errors.length > 0) throw new RouteLied(`${named} answered ${status} with what does not fit: ${errors.slice(0, 10).join('; ')}`);
    },
    refusal({ row }) {
      const listed = route.refusals.some((other) => other.code === row.code && other.prefix === row.prefix);
      if (!listed) throw new RouteLied(`${named} refused with ${wireCode(row)}, which it does not list`);
    },
  };
}

/** Bytes and streams have no shape to check. */
function isPlain(body: unknown): boolean {
  return !(typeof body === 'object' && body !== null && ('pipe' in body || Buffer.isBuffer(body)));
}
