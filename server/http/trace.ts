import { randomBytes } from 'node:crypto';

/** Where a request stands in a trace: the id that goes to the log, and the full one that goes to the client. */
export interface Trace {
  /** 32 hex digits */
  readonly traceId: string;
  /** `00-<trace>-<span>-<flags>`, as the original writes `traceId` */
  readonly traceparent: string;
}

const shape = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(?:-|$)/;

/** Goes on with the caller's trace where its `traceparent` is well formed, and begins one otherwise. Source: W3C Trace Context, §3. */
export function traceOf(traceparent: string | undefined): Trace {
  const match = shape.exec(traceparent?.trim() ?? '');
  const random = randomBytes(24).toString('hex');
  const traceId = match?.[1] ?? random.slice(0, 32);
  return { traceId, traceparent: `00-${traceId}-${random.slice(32)}-${match?.[2] ?? '00'}` };
}
