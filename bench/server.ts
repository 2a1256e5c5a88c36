import { createApp } from '../server/app.ts';
import { readConfig } from '../server/config.ts';
import { createLog } from '../server/kernel/log.ts';
import { startPlainReads } from './plain-reads.ts';

/**
 * The server of a bench: the product's own composition, with the shape in which it writes. Started by `server-process.ts`
 * as `server.ts <role> <shape>`, with settings and the database in the environment. It tells when it answers, tells what
 * it has used when it is asked, and ends when it is told to or whoever started it has gone.
 */
const [role, shape] = process.argv.slice(2) as ['all' | 'api', 'joined' | 'single'];

/** Each sender a transaction of its own, each statement sent when the former is answered: how programs commonly write. */
const single = {
  pipelined: false,
  limits: {
    writers: 16,
    loners: 4,
    patience: { rows: 0, millis: 0 },
    batch: { callers: 1, rows: 1_000_000, bytes: 1_000_000_000 },
    waiting: { rows: 1_000_000, bytes: 1_000_000_000 },
  },
};

const config = readConfig(process.env);
const writing = shape === 'single' ? { writing: single } : {};
const app = await createApp({ config, databaseUrl: config.DATABASE_URL!, log: createLog(config.LOG_LEVEL), role, ...writing });

const plain = await startPlainReads(config.DATABASE_URL!, config.MAX_CONNECTIONS);

let ending = false;
async function end(): Promise<void> {
  if (ending) return;
  ending = true;
  await Promise.all([app.stop(), plain.stop()]);
  process.exit(0);
}
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void end());
process.on('disconnect', () => void end());
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  const { rss: residentBytes, heapTotal: heapBytes, arrayBuffers: chunkBytes } = process.memoryUsage();
  process.send?.({ cpuMillis: (user + system) / 1000, residentBytes, heapBytes, chunkBytes });
});
process.send?.({ plainPort: plain.port });
