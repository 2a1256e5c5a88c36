import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { after } from 'node:test';
import pg from 'pg';
import { createDatabase, type Database } from '#db/index.ts';

export interface CutDatabase {
  readonly db: Database;
  /**
   * The next connection on which the database says that it has committed is cut, before the client hears of it; or `before`, so that
   * nothing was committed; or `meanwhile`, when it was told to. `andGoes`: nor can it be reached from then on.
   */
  cutAtNextCommit(how?: { readonly before?: boolean; readonly meanwhile?: boolean; readonly andGoes?: boolean }): void;
  /** How often that was done. */
  cuts(): number;
  /** Cuts what is open and takes no connection until it is back. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
}

/** A database as seen through a line that breaks when it is told to. */
export async function createCutDatabase(url: string, { patienceMillis = 10_000 } = {}): Promise<CutDatabase> {
  const target = new pg.Client(url) as unknown as { host: string; port: number; user: string; database: string; password: string | null };
  const pipes = new Set<Socket>();
  let armed: Parameters<CutDatabase['cutAtNextCommit']>[0];
  let cuts = 0;
  const server = createServer((client) => {
    const upstream = target.host.startsWith('/') ? connect(`${target.host}/.s.PGSQL.${target.port}`) : connect(target.port, target.host);
    for (const socket of [client, upstream]) pipes.add(socket.on('error', () => {}));
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    const pass = (from: Socket, to: Socket, isCutAt: (bytes: Buffer) => boolean) =>
      from.on('data', (bytes: Buffer) => {
        if (!isCutAt(bytes)) return void to.write(bytes);
        const { andGoes, meanwhile } = armed!;
        armed = undefined;
        cuts += 1;
        if (meanwhile) to.write(bytes, () => client.destroy());
        else client.destroy();
        if (andGoes) void goAway();
      });
    pass(client, upstream, (bytes) => (armed?.before ?? armed?.meanwhile) === true && bytes.includes('commit\0'));
    pass(upstream, client, (bytes) => armed !== undefined && !armed.before && !armed.meanwhile && bytes.includes('COMMIT\0'));
  });
  const listen = async (port: number): Promise<number> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as { port: number }).port;
  };
  const goAway = async (): Promise<void> => {
    const closed = server.listening ? once(server, 'close') : undefined;
    server.close();
    for (const pipe of pipes) pipe.destroy();
    pipes.clear();
    await closed;
  };
  const port = await listen(0);
  const secret = target.password ? `:${encodeURIComponent(target.password)}` : '';
  const db = createDatabase({
    url: `postgresql://${target.user}${secret}@127.0.0.1:${port}/${target.database}`,
    maxConnections: 4,
    patienceMillis,
  });
  after(() =>
    db
      .close()
      .catch(() => {})
      .finally(goAway),
  ); // it may be closed already
  return {
    db,
    cutAtNextCommit: (how = {}) => {
      armed = how;
    },
    cuts: () => cuts,
    goAway,
    comeBack: async () => void (await listen(port)),
  };
}
