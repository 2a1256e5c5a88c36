import Type from 'typebox';
import { type AnyRoute, Reply, route } from '#kernel/route.ts';
import { jsonOf, mayTellResults, readScanEvent, type ScanEvent, scanResultAnswers } from '#scanning/index.ts';
import type { BrokerContext } from '../../context.ts';
import { brokerErrors as e } from '../../errors.ts';
import { takeScanResult } from './take-scan-result.ts';

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
      bodyKind: 'bytes', // nothing of it is read before the secret
      bodyType: 'application/json',
      maxBodyBytes: 64 * 1024,
      answers: scanResultAnswers,
      refusals: [e.transferNotFound, e.scanBeforeUpload],
      run: async (ctx: BrokerContext, _, { query, stream, headers }) => {
        if (!mayTellResults(secret, { headers, code: query.code })) return new Reply(401, undefined);
        const body = await jsonOf(stream);
        if (body === undefined) return new Reply(400, 'The body is not JSON.', { 'content-type': 'text/plain' });
        const event = firstKnown(body);
        if (event?.kind === 'handshake') return { validationResponse: event.code };
        if (event?.kind === 'result') await takeScanResult(ctx, event);
        return undefined;
      },
    }),
  ];
}

/** The first event that we know, alone or in a list; what we do not know is left alone, as by the original. */
function firstKnown(body: unknown): ScanEvent | undefined {
  return [body]
    .flat()
    .map(readScanEvent)
    .find((read) => typeof read !== 'string');
}
