import { createHash } from 'node:crypto';

/** What is kept of a code. It is short-lived, and bound to what it proves. */
export function digestOf(proof: string, code: string): string {
  return createHash('sha256').update(`${proof} ${code}`).digest('hex');
}
