import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { joinWrites } from '../bare/join-writes.ts';
import { openClient, withClient } from '../machine.ts';
import { type FileSample, readFileRows } from '../rows/file-rows.ts';
import { planLetter } from '../rows/plan-letters.ts';

/**
 * What a server of files cannot do without, and nothing else: bytes that come are hashed twice, written and synced; a file is read in pieces
 * of 1 MiB. What is sent to `/rows` has, before it is answered, the rows that the product writes for a file, by callers who share
 * transactions. Started as `bare-server.ts <folder>`; tells its port, and ends when whoever started it has gone.
 */
const folder = process.argv[2]!;
const pieceBytes = 1024 * 1024;
let writeRows = async (): Promise<void> => {
  throw new Error('It was not told which rows a file has.');
};

const server = createServer(async (request, response) => {
  try {
    if (request.method === 'GET') {
      const path = join(folder, request.url!);
      response.writeHead(200, { 'content-length': statSync(path).size });
      createReadStream(path, { highWaterMark: pieceBytes }).pipe(response);
      return;
    }
    const digests = await take(request);
    if (request.url === '/rows') await writeRows();
    response.end(JSON.stringify(digests));
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as { port: number }).port }));
process.on('message', async (asked: 'usage' | RowsToWrite) => {
  if (asked !== 'usage') {
    writeRows = await joinedRows(asked);
    process.send?.('ready');
    return;
  }
  const { user, system } = process.cpuUsage();
  const { rss: residentBytes, heapTotal: heapBytes, arrayBuffers: chunkBytes } = process.memoryUsage();
  process.send?.({ cpuMillis: (user + system) / 1000, residentBytes, heapBytes, chunkBytes });
});
process.on('disconnect', () => process.exit(0));

/** A file of which the rows are known, and where they go. */
export interface RowsToWrite {
  readonly databaseUrl: string;
  readonly sample: FileSample;
}

async function joinedRows({ databaseUrl, sample }: RowsToWrite): Promise<() => Promise<void>> {
  const file = await withClient(databaseUrl, (client) => readFileRows(client, sample));
  const write = joinWrites(await Promise.all([openClient(databaseUrl), openClient(databaseUrl)]), file);
  return () => write(planLetter(file, [sample.recipient]));
}

async function take(request: IncomingMessage): Promise<object> {
  const path = join(folder, randomUUID());
  const file = await open(path, 'wx');
  try {
    const [md5, sha256] = [createHash('md5'), createHash('sha256')];
    let pending: Buffer[] = [];
    let bytes = 0;
    const flush = async (): Promise<void> => {
      const { length } = pending;
      if (length > 0) await file.writev(pending);
      pending = [];
      bytes = 0;
    };
    for await (const chunk of request as AsyncIterable<Buffer>) {
      md5.update(chunk);
      sha256.update(chunk);
      pending.push(chunk);
      bytes += chunk.length;
      if (bytes >= pieceBytes) await flush();
    }
    await flush();
    await file.datasync();
    return { md5: md5.digest('hex'), sha256: sha256.digest('hex') };
  } finally {
    await file.close();
    await rm(path);
  }
}
