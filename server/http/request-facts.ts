import type { IncomingMessage } from 'node:http';
import { type Trace, traceOf } from './trace.ts';

/** What the log line of a request says beside its route and status. */
export interface RequestFacts {
  readonly trace: Trace;
  readonly began: number;
  code?: string;
}

const known = new WeakMap<IncomingMessage, RequestFacts>();

/** The facts of a request; the first call begins them. */
export function factsOf(request: IncomingMessage): RequestFacts {
  let facts = known.get(request);
  if (!facts) {
    const { traceparent } = request.headers;
    facts = { trace: traceOf(typeof traceparent === 'string' ? traceparent : undefined), began: performance.now() };
    known.set(request, facts);
  }
  return facts;
}
