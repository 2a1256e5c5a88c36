import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What happens to a request that comes now. */
export type Weather =
  | { readonly kind: 'fair' }
  /** It is taken and never answered; nor does the server behind hear of it. */
  | { readonly kind: 'silent' }
  /** Answered 503 at once. */
  | { readonly kind: 'busy' }
  /** The server hears it and does it; its answer stops after so many bytes, and the line stays open. */
  | { readonly kind: 'mute'; readonly afterBytes: number }
  /** Likewise, and the line is cut. */
  | { readonly kind: 'cut'; readonly afterBytes: number };

export interface FaultProxy {
  readonly endpoint: string;
  /** The weather for connections that come from now on; `times` of them, then it is fair again. */
  set(weather: Weather, times?: number): void;
  /** How many connections met weather. */
  readonly met: number;
  close(): Promise<void>;
}

const busy =
  'HTTP/1.1 503 Slow Down\r\ncontent-type: application/xml\r\ncontent-length: 39\r\nconnection: close\r\n\r\n<Error><Code>SlowDown</Code></Error>\r\n\r\n';

/** Stands before a server and makes trouble. Every request has a connection of its own, since it is closed after the first answer. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let weather: Weather = { kind: 'fair' };
  let left = Number.POSITIVE_INFINITY;
  let met = 0;
  const take = (): Weather => {
    if (weather.kind === 'fair') return weather;
    const taken = weather;
    met += 1;
    left -= 1;
    if (left <= 0) weather = { kind: 'fair' };
    return taken;
  };
  const server = createServer((client) => {
    const now = take();
    keep(client);
    if (now.kind === 'silent') return void client.resume();
    if (now.kind === 'busy') return void client.once('data', () => client.end(busy));
    const behind = keep(connect(Number(port), hostname));
    client.pipe(behind);
    if (now.kind === 'fair') return void behind.pipe(client);
    let passed = 0;
    behind.on('data', (chunk: Buffer) => {
      const more = chunk.subarray(0, Math.max(0, now.afterBytes - passed));
      passed += more.length;
      if (more.length > 0) client.write(more);
      if (passed >= now.afterBytes && now.kind === 'cut') client.destroy();
    });
  });
  function keep(socket: Socket): Socket {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    return socket;
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    set(next, times = Number.POSITIVE_INFINITY) {
      weather = next;
      left = times;
      for (const socket of sockets) socket.destroy(); // what was kept open knows the old weather
    },
    get met() {
      return met;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
