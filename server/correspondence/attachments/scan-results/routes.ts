import Type from 'typebox';
import { type AnyRoute, Reply, route } from '#kernel/route.ts';
import { jsonOf, mayTellResults, readScanEvent, type ScanEvent, scanResultAnswers } from '#scanning/index.ts';
import type { CorrespondenceContext } from '../../context.ts';
import { correspondenceErrors as e } from '../../errors.ts';
import { takeScanResult } from './take-scan-result.ts';

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
      answers: scanResultAnswers,
      refusals: [e.attachmentNotFound],
      run: async (ctx: CorrespondenceContext, _, { query, stream, headers }) => {
        if (!mayTellResults(secret, { headers, code: query.code })) return new Reply(401, undefined);
        const event = eventOf(await jsonOf(stream));
        if (typeof event === 'string') return new Reply(400, event, { 'content-type': 'text/plain' });
        if (event.kind === 'handshake') return { validationResponse: event.code };
        await takeScanResult(ctx, event);
        return undefined;
      },
    }),
  ];
}

/** One event, alone or in a list of one; a text saying what is wrong. */
function eventOf(body: unknown): ScanEvent | string {
  if (body === undefined) return 'The body is not JSON.';
  if (Array.isArray(body) && body.length !== 1) return 'Exactly one event is expected.';
  return readScanEvent(Array.isArray(body) ? body[0] : body);
}
