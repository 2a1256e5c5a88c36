import { Agent as HttpAgent, type IncomingHttpHeaders, type IncomingMessage, request as overHttp } from 'node:http';
import { Agent as HttpsAgent, request as overHttps } from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** One request. */
export interface Question {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Readable;
  /** Read when the last byte of the body has gone; they must be announced by the header `Trailer`. */
  readonly trailers?: () => Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** The head of an answer; its body is still to be read. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly stream: IncomingMessage;
}

/** No answer, or half of one: nobody listens, the connection broke, or nothing came for too long. What was asked may have been done. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

/** So long nothing may go or come. The last request of a large upload is answered within a minute. */
const silenceMillis = 120_000;
const agents = { 'http:': new HttpAgent({ keepAlive: true }), 'https:': new HttpsAgent({ keepAlive: true }) };

/** Asks once. Throws ConnectionLost; what reading the body throws is thrown as it is. */
export async function exchange(question: Question): Promise<Answer> {
  const { method, headers = {}, body, trailers, signal } = question;
  const url = new URL(question.url);
  const secure = url.protocol === 'https:';
  const send = secure ? overHttps : overHttp;
  const request = send(url, { method, headers, agent: secure ? agents['https:'] : agents['http:'], ...(signal ? { signal } : {}) });
  request.setTimeout(silenceMillis, () => request.destroy(new Error(`nothing came for ${silenceMillis / 1000} s`)));
  let ownFault: unknown;
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', resolve);
    request.on('error', (error) => reject(ownFault ?? (signal?.aborted ? signal.reason : lost(url, error))));
  });
  answered.catch(() => {});
  if (body === undefined || typeof body === 'string') request.end(body);
  else {
    body.on('error', (error) => {
      ownFault ??= request.destroyed ? undefined : error;
    });
    // An answer before the last byte is an answer: what could not be written any more is told by `answered`.
    pipeline(body, async (bytes) => {
      for await (const chunk of bytes as AsyncIterable<Buffer>) {
        if (!request.write(chunk)) await drained(request);
      }
      if (trailers) request.addTrailers(trailers());
      request.end();
    }).catch((error: Error) => request.destroy(error));
  }
  const stream = await answered;
  return { status: stream.statusCode!, headers: stream.headers, stream };
}

/** Resolves when more may be written; rejects when nothing can be any more. */
function drained(request: ReturnType<typeof overHttp>): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error): void => {
      request.off('drain', settle).off('close', closed).off('error', settle);
      if (error) reject(error);
      else resolve();
    };
    const closed = (): void => settle(new Error('the connection was closed'));
    if (request.destroyed) closed();
    else request.once('drain', settle).once('close', closed).once('error', settle);
  });
}

/** The body as text, however long. Throws ConnectionLost when it breaks off. */
export async function textOf({ stream }: Answer): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of bytesOf(stream)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** The bytes of a body. Throws ConnectionLost when it breaks off. */
export async function* bytesOf(stream: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    throw new ConnectionLost(`the answer broke off (${reasonOf(error as Error)})`, { cause: error });
  }
}

const lost = (url: URL, error: Error): ConnectionLost =>
  new ConnectionLost(`${url.origin} does not answer (${reasonOf(error)})`, { cause: error });

function reasonOf(error: Error & { code?: string }): string {
  return error.code ?? error.message;
}
