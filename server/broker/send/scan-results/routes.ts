import { createHash, timingSafeEqual } from 'node:crypto';
import Type from 'typebox';
import { type AnyRoute, Reply, route } from '#kernel/route.ts';
import type { BrokerContext } from '../../context.ts';
import { brokerErrors as e } from '../../errors.ts';
import { readScanEvent } from './read-scan-event.ts';
import { takeScanResult } from './take-scan-result.ts';

const secretHeader = 'x-scan-results-secret';

/**
 * Where scanners outside tell what they found in file transfers. In the original anybody may call it who comes from the right
 * network; here it takes a secret, and only a sandbox is without one. Source: compatibility.md, broker, §10.1.
 */
export function fileScanResultRoutes(secret: string | undefined): readonly AnyRoute[] {
  return [
    route({
      method: 'POST',
      path: '/broker/api/v1/webhooks/malwarescanresults',
      summary: 'A scanner outside tells what it found in a file transfer (Event Grid), or asks whether we listen.',
      scope: 'open',
      query: Type.Object({ code: Type.Optional(Type.String()) }),
      body: Type.Unknown(),
      maxBodyBytes: 64 * 1024,
      answers: { 200: Type.Union([Type.Object({ validationResponse: Type.String() }), Type.Null()]), 401: Type.Null() },
      refusals: [e.transferNotFound, e.scanBeforeUpload],
      run: async (ctx: BrokerContext, _, { query, body, headers }) => {
        if (secret !== undefined && !isSame(headers[secretHeader] ?? query.code ?? '', secret)) return new Reply(401, undefined);
        const event = readScanEvent(body);
        if (event.kind === 'handshake') return { validationResponse: event.code };
        if (event.kind === 'result') await takeScanResult(ctx, event);
        return undefined;
      },
    }),
  ];
}

/** Takes as long whatever is wrong. */
function isSame(given: string, secret: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}
