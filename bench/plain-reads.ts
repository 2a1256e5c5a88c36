import { once } from 'node:events';
import { createServer } from 'node:http';
import { createDatabase } from '#db/index.ts';
import { sql } from '#kernel/database.ts';

/** What reading is compared with: `GET /<id>` answers the row of a message by its primary key, and does nothing else. */
export async function startPlainReads(url: string, maxConnections: number): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const db = createDatabase({ url, maxConnections, applicationName: 'budstikke bench plain' });
  const server = createServer(async (request, response) => {
    const row = await db.maybe(sql`select * from correspondence.message where id = ${request.url!.slice(1)}`).catch(() => undefined);
    const body = JSON.stringify(row ?? null);
    response.writeHead(row ? 200 : 500, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as { port: number }).port,
    async stop() {
      server.closeAllConnections();
      server.close();
      await db.close();
    },
  };
}
