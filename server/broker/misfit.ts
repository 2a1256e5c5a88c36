import Type from 'typebox';
import { Reply } from '#kernel/route.ts';

/** What no schema speaks of: that a form has its file, that what is said in one body goes together. */
export const Misfits = Type.Object({ errors: Type.Record(Type.String(), Type.Array(Type.String())) });

/** Pure. The answer of model validation. Source: compatibility.md, broker, §1.3. */
export function misfitReply(errors: Readonly<Record<string, readonly string[]>>): Reply {
  const body = {
    type: 'https://tools.ietf.org/html/rfc9110#section-15.5.1',
    title: 'One or more validation errors occurred.',
    status: 400,
    errors,
  };
  return new Reply(400, body, { 'content-type': 'application/problem+json; charset=utf-8' });
}
