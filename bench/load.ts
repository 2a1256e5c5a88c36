import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from './figures.ts';
import type { GetWork, LoadPlan, LoadResult, SendWork } from './load-plan.ts';

/**
 * Asks a server as fast as it answers, from a number of connections. A process of its own, started by `load-process.ts`.
 * Written by hand since it runs on the server's cores: a request of 3 KB costs it 40 µs, and autocannon 113 µs.
 */

process.once('message', async (plan: LoadPlan) => {
  const result = await run(plan);
  process.send?.(result, () => process.disconnect());
});
process.on('disconnect', () => process.exit());

async function run(plan: LoadPlan): Promise<LoadResult> {
  const connections = await Promise.all(Array.from({ length: plan.connections }, () => open(plan.port)));
  const begun = performance.now();
  const from = begun + plan.warmUpSeconds * 1000;
  const until = from + plan.seconds * 1000;
  const latencies: number[] = [];
  const others: Record<string, number> = {};
  let firstOther: string | null = null;
  let answeredInAll = 0;
  let lastAt = from;

  /** Each asks once at least: on a machine that is busy the time may be over before the first has had its turn. */
  const work = async (opened: Connection): Promise<void> => {
    let connection = opened;
    do {
      const request = next();
      if (request === undefined) break;
      const sentAt = performance.now();
      const answer = await connection.ask(request).catch((error: unknown) => String(error));
      const at = performance.now();
      if (typeof answer !== 'string' && answer.status >= 200 && answer.status < 300) {
        answeredInAll += 1;
        if (at < from || at > until) continue;
        latencies.push(at - sentAt);
        lastAt = at;
        continue;
      }
      const what = typeof answer === 'string' ? answer : String(answer.status);
      others[what] = (others[what] ?? 0) + 1;
      firstOther ??= typeof answer === 'string' ? answer : `${answer.status} ${answer.body.slice(0, 1000)}`;
      await sleep(10);
      if (typeof answer === 'string') connection = await open(plan.port);
    } while (performance.now() < until);
    connection.close();
  };

  const next = plan.work.kind === 'send' ? sender(plan.work) : getter(plan.work);
  await Promise.all(connections.map(work));
  const seconds = (plan.work.kind === 'get' && plan.work.order === 'once' ? lastAt - from : until - from) / 1000;
  latencies.sort((a, b) => a - b);
  return {
    answered: latencies.length,
    seconds,
    p50Millis: percentile(latencies, 0.5),
    p99Millis: percentile(latencies, 0.99),
    answeredInAll,
    others,
    firstOther,
  };
}

function sender({ path, token, pieces, recipients, perRequest }: SendWork): () => string {
  const [beforeUnique, beforeRecipients, end] = pieces;
  const quoted = recipients.map((recipient) => JSON.stringify(recipient));
  const head = `POST ${path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\nauthorization: Bearer ${token}\r\ncontent-length: `;
  return () => {
    const first = Math.floor(Math.random() * quoted.length);
    const to = Array.from({ length: perRequest }, (_, i) => quoted[(first + i) % quoted.length]).join(',');
    const body = `${beforeUnique}${randomUUID()}${beforeRecipients}${to}${end}`;
    return `${head}${Buffer.byteLength(body)}\r\n\r\n${body}`;
  };
}

function getter({ order, requests }: GetWork): () => string | undefined {
  const texts = requests.map(({ path, token }) => `GET ${path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer ${token}\r\n\r\n`);
  if (order === 'random') return () => texts[Math.floor(Math.random() * texts.length)]!;
  let place = 0;
  return () => texts[place++];
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

interface Connection {
  ask(request: string): Promise<Answer>;
  close(): void;
}

/** One request at a time on one connection that is kept. Rejects when it breaks. */
async function open(port: number): Promise<Connection> {
  let settle: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined;
  let received = '';
  const socket: Socket = connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  const broken = (error?: Error): void => {
    settle?.reject(error ?? new Error('closed'));
    settle = undefined;
  };
  socket.on('error', broken);
  socket.on('close', () => broken());
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
    const answer = complete(received);
    if (!answer) return;
    received = '';
    settle?.resolve(answer);
    settle = undefined;
  });
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        if (socket.destroyed) return reject(new Error('closed'));
        settle = { resolve, reject };
        socket.write(request);
      }),
    close: () => socket.destroy(),
  };
}

function complete(received: string): Answer | undefined {
  const bodyAt = received.indexOf('\r\n\r\n') + 4;
  if (bodyAt < 4) return undefined;
  const head = received.slice(0, bodyAt);
  const length = /\r\ncontent-length: (\d+)/i.exec(head);
  const isWhole = length
    ? received.length >= bodyAt + Number(length[1])
    : head.startsWith('HTTP/1.1 204') || received.endsWith('\r\n0\r\n\r\n');
  return isWhole ? { status: Number(received.slice(9, 12)), body: received.slice(bodyAt) } : undefined;
}
