import { createHash, timingSafeEqual } from 'node:crypto';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import Type from 'typebox';

/** The header of the secret; an address may carry it as `?code=`, which is what Event Grid can keep secret by itself. */
export const secretHeader = 'x-scan-results-secret';

/** Bodies of the answers to a scanner outside. */
export const scanResultAnswers = {
  200: Type.Union([Type.Object({ validationResponse: Type.String() }), Type.Null()]),
  400: Type.String(),
  401: Type.Null(),
} as const;

/** Pure. Whether a scanner outside has shown the secret. Only a sandbox is without one: there anybody may tell. */
export function mayTellResults(
  secret: string | undefined,
  shown: { readonly headers: Readonly<Record<string, string | undefined>>; readonly code: string | undefined },
): boolean {
  return secret === undefined || isSame(shown.headers[secretHeader] ?? shown.code ?? '', secret);
}

/** Takes as long whatever is wrong. */
function isSame(given: string, secret: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}

/** The body, read after the secret; undefined for what is no JSON. */
export async function jsonOf(stream: Readable): Promise<unknown> {
  const bytes = await buffer(stream);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
