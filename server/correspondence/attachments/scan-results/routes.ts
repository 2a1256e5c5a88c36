import { createHash, timingSafeEqual } from 'node:crypto';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import Type from 'typebox';
import { type AnyRoute, Reply, route } from '#kernel/route.ts';
import type { CorrespondenceContext } from '../../context.ts';
import { correspondenceErrors as e } from '../../errors.ts';
import { readScanEvent } from './read-scan-event.ts';
import { takeScanResult } from './take-scan-result.ts';

/** The header of the secret; an address may carry it as `?code=`, which is what Event Grid can keep secret by itself. */
export const secretHeader = 'x-scan-results-secret';

/**
 * Where scanners outside tell what they found. In the original anybody may call it who comes from the right network; here it
 * takes a secret, and only a sandbox is without one. Source: compatibility.md, correspondence, §4.1.
 */
export function scanResultRoutes(secret: string | undefined): readonly AnyRoute[] {
  return [
    route({
      method: 'POST',
      path: '/correspondence/api/v1/webhooks/malwarescanresults',
      summary: 'A scanner outside tells what it found in an attachment (Event Grid), or asks whether we listen.',
      scope: 'open',
      query: Type.Object({ code: Type.Optional(Type.String()) }),
      bodyKind: 'bytes', // nothing of it is read before the secret, and what is no JSON is refused in words
      bodyType: 'application/json',
      maxBodyBytes: 64 * 1024,
      answers: { 200: Type.Union([Type.Object({ validationResponse: Type.String() }), Type.Null()]), 400: Type.String(), 401: Type.Null() },
      refusals: [e.attachmentNotFound],
      run: async (ctx: CorrespondenceContext, _, { query, stream, headers }) => {
        if (secret !== undefined && !isSame(headers[secretHeader] ?? query.code ?? '', secret)) return new Reply(401, undefined);
        const event = readScanEvent(await jsonOf(stream));
        if (typeof event === 'string') return new Reply(400, event, { 'content-type': 'text/plain' });
        if (event.kind === 'handshake') return { validationResponse: event.code };
        await takeScanResult(ctx, event);
        return undefined;
      },
    }),
  ];
}

/** Undefined for what is no JSON. */
async function jsonOf(stream: Readable): Promise<unknown> {
  const bytes = await buffer(stream);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** Takes as long whatever is wrong. */
function isSame(given: string, secret: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}
