import type { Socket } from 'node:net';
import { plainProblem } from './answer/problem.ts';
import { traceOf } from './trace.ts';

const statuses: Readonly<Record<string, number>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };

/** Answers what never became a request: bytes that are not HTTP, headers past their bound or too slow to come. */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, mediaType, body } = plainProblem(statuses[error.code ?? ''] ?? 400, traceOf(undefined).traceparent);
  const head = [
    `HTTP/1.1 ${status} Refused`,
    `content-type: ${mediaType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'x-content-type-options: nosniff',
    'cache-control: no-store',
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
