import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A post as an endpoint got it. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly event: Readonly<Record<string, unknown>>;
}

/** A small real endpoint on the loopback address. */
export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** Posts that are no validation. */
  events(): Received[];
  /** What it answers from now on; a function may leave a request hanging. */
  answer: number | ((post: Received, response: ServerResponse) => void);
  stop(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const post = { path: request.url ?? '', headers: request.headers, body, event: JSON.parse(body) as Record<string, unknown> };
      receiver.received.push(post);
      if (typeof receiver.answer === 'function') receiver.answer(post, response);
      else response.writeHead(receiver.answer).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received: [],
    events: () => receiver.received.filter(({ event }) => event.type !== 'platform.events.validatesubscription'),
    answer: 200,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;
}
