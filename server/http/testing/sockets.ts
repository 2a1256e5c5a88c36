import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Places } from '#kernel/places.ts';
import type { AnyRoute } from '#kernel/route.ts';
import type { Http } from '../create-http.ts';
import { type KeptLog, keptLog, openHttp } from './open-http.ts';

/** Routes behind a port, until the file's tests are over. */
export async function listening(
  routes: readonly AnyRoute[],
  { log = keptLog(), ...places }: { log?: KeptLog; giving?: Places; places?: Places } = {},
): Promise<{ server: Http; port: number; log: KeptLog }> {
  const server = await openHttp(routes, { log, ...places });
  const port = await server.listen(0, '127.0.0.1');
  after(() => server.close(0));
  return { server, port, log };
}

export function begin(
  port: number,
  path: string,
  options: http.RequestOptions = {},
): { request: http.ClientRequest; answer: Promise<IncomingMessage> } {
  const request = http.request({ host: '127.0.0.1', port, path, ...options });
  const answer = once(request, 'response').then(([response]) => response as IncomingMessage);
  return { request, answer };
}

/** Long enough for the busiest machine, and short enough to say what never came. */
const patienceMillis = 30_000;

/** Waits until this is so, and says what was waited for in vain. */
export async function until(what: string, isSo: () => boolean): Promise<void> {
  for (const end = Date.now() + patienceMillis; !isSo(); ) {
    if (Date.now() > end) throw new Error(`in vain: ${what}`);
    await sleep(5);
  }
}

/** Reads so many bytes more, or a little further. Says how far it came when the connection is over before that. */
export async function readOn(socket: Socket, bytes: number): Promise<void> {
  const over = new AbortController();
  const end = (): void => over.abort();
  socket.on('end', end).on('close', end);
  try {
    for (let came = 0; came < bytes; ) {
      const chunk = socket.read() as Buffer | null;
      if (chunk) came += chunk.length;
      else if (socket.readableEnded || socket.destroyed) throw new Error(`the connection was over after ${came} of ${bytes} bytes`);
      else await once(socket, 'readable', { signal: over.signal }).catch(() => {}); // it is over, which is seen above
    }
  } finally {
    socket.off('end', end).off('close', end);
  }
}

/** A connection that has sent this and reads nothing. */
export async function silentAt(port: number, said: string | Buffer): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').pause();
  socket.on('error', () => {});
  await new Promise((resolve) => socket.write(said, resolve));
  return socket;
}
