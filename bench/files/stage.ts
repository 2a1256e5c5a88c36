import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { createClient, enterpriseToken } from '../../demo/client.ts';
import { createTransfers, type Transfers } from '../../sdk/index.ts';
import { organizationNumberFrom } from '../../server/sandbox/numbers.ts';
import type { Closers } from '../closers.ts';
import { profileFolder } from '../ground.ts';
import { openMachine, withClient } from '../machine.ts';
import type { BenchOptions } from '../options.ts';
import { readProfile, readStatements } from '../profile.ts';
import { countRows, listTables } from '../rows/capture.ts';
import { captureFile } from '../rows/file-rows.ts';
import { listRecipients } from '../rows/letter-rows.ts';
import { type BenchServer, startServer, type Usage } from '../server-process.ts';
import type { RowsToWrite } from './bare-server.ts';
import { sendBytes } from './drive.ts';
import { smallBytes } from './measure.ts';
import { settingsOf } from './store.ts';

const [owner, sender, recipient] = ['owner', 'sender', 'recipient'].map((who) => organizationNumberFrom(`bench files ${who}`)) as [
  string,
  string,
  string,
];
const resourceId = 'bench-files';

/** Our server with two organizations that send each other files, and a bare one beside it. */
export interface Stage {
  readonly server: BenchServer;
  /** Of our server's database. */
  readonly databaseUrl: string;
  readonly bareUrl: string;
  readonly bareUsage: () => Promise<Usage>;
  /** From then on the bare server writes the rows of a file too, where it is asked to (`/rows`). Tells what is not the same as of ours. */
  tellRows(): Promise<readonly string[]>;
  /** Where our server and its database spent their time, where that was asked for; ends the server. */
  readonly tellProfile: (() => Promise<readonly string[]>) | undefined;
  /** Where the bare server reads and writes. */
  readonly folder: string;
  readonly senderToken: string;
  readonly recipientToken: string;
  readonly transfers: Transfers;
  /** Announces a file without a scan: it is published with its last byte. */
  announce(): Promise<string>;
  uploadPath(id: string): string;
  downloadPath(id: string): string;
}

export async function setStage(options: BenchOptions, closers: Closers): Promise<Stage> {
  const machine = await openMachine(options, closers);
  await machine.createMigrated('files');
  const databaseUrl = machine.urlOf('files');
  const profileTo = options.profile ? profileFolder(machine, `files-${Date.now()}`) : undefined;
  const settings = await settingsOf(options.store, machine.folder, closers);
  const server = await startServer({ databaseUrl, folder: machine.folder, shape: 'joined', sideWork: 'off', settings, profileTo }, closers);
  const nobody = createClient(server.url);
  const seeded = await nobody.post('/budstikke/v1/sandbox/seed', townOf());
  if (seeded.status !== 200) throw new Error(`The town was not loaded: ${seeded.status} ${seeded.text.slice(0, 1000)}`);
  const folder = join(machine.folder, 'bare');
  mkdirSync(folder);
  const scopes = ['altinn:broker.write', 'altinn:broker.read'];
  const [senderToken, recipientToken] = await Promise.all([sender, recipient].map((number) => enterpriseToken(nobody, number, scopes)));
  const transfers = createTransfers({ baseUrl: server.url, token: async () => senderToken! });
  const bare = await startBare(folder, closers);
  const announce = (): Promise<string> =>
    transfers.announce({
      fileName: 'måling.bin',
      resourceId,
      sender: `0192:${sender}`,
      recipients: [`0192:${recipient}`],
      disableVirusScan: true,
    });
  return {
    server,
    databaseUrl,
    bareUrl: bare.url,
    bareUsage: bare.usage,
    tellProfile: profileTo
      ? async () => {
          const statements = await withClient(databaseUrl, readStatements);
          await server.stop();
          return ['profile of our server:', ...readProfile(profileTo), 'statements:', ...statements];
        }
      : undefined,
    folder,
    senderToken: senderToken!,
    recipientToken: recipientToken!,
    transfers,
    announce,
    tellRows: () =>
      withClient(databaseUrl, async (client) => {
        const send = async (): Promise<string> => {
          const id = await announce();
          await sendBytes({ url: server.url + uploadPath(id), token: senderToken! }, smallBytes);
          return id;
        };
        await send(); // what is noted of a caller once an hour is no part of a file
        const [to] = await listRecipients(client, [recipient]);
        await bare.tell({ databaseUrl, sample: await captureFile(client, to!, send) });
        const ours = await growthBy(client, send);
        const theirs = await growthBy(client, () => sendBytes({ url: `${bare.url}/rows` }, smallBytes));
        return [...new Set([...ours.keys(), ...theirs.keys()])]
          .filter((table) => ours.get(table) !== theirs.get(table))
          .map((table) => `${table} grows by ${ours.get(table) ?? 0} for a file, and by ${theirs.get(table) ?? 0} on the bare path`);
      }),
    uploadPath,
    downloadPath: (id) => `/broker/api/v1/filetransfer/${id}/download`,
  };
}

/** How many rows each table has more after one file; what grows with transactions is left out. */
async function growthBy(client: pg.ClientBase, send: () => Promise<unknown>): Promise<Map<string, number>> {
  const tables = await listTables(client);
  const before = await countRows(client, tables);
  await send();
  const after = await countRows(client, tables);
  const grown = [...after].map(([name, n]) => [name, n - before.get(name)!] as const);
  return new Map(grown.filter(([name, n]) => n > 0 && !tables.get(name)!.isPerTransaction));
}

const uploadPath = (id: string): string => `/broker/api/v1/filetransfer/${id}/upload`;

function townOf(): object {
  const title = { nb: 'Målefiler', nn: 'Målefiler', en: 'Files to be measured' };
  return {
    version: 1,
    parties: [owner, sender, recipient].map((number) => ({ kind: 'organization', number, name: `Målested ${number}`, unitType: 'ORGL' })),
    resources: [{ id: resourceId, type: 'BrokerService', owner, title, senders: 'any', readers: ['organization'], broker: {} }],
  };
}

interface BareServer {
  readonly url: string;
  usage(): Promise<Usage>;
  tell(rows: RowsToWrite): Promise<void>;
}

async function startBare(folder: string, closers: Closers): Promise<BareServer> {
  const child = fork(join(import.meta.dirname, 'bare-server.ts'), [folder], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  closers.add(() => endChild(child));
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  const usage = async (): Promise<Usage> => {
    child.send('usage');
    return ((await once(child, 'message')) as [Usage])[0];
  };
  const tell = async (rows: RowsToWrite): Promise<void> => {
    child.send(rows);
    await once(child, 'message');
  };
  return { url: `http://127.0.0.1:${port}`, usage, tell };
}

/** Ends a process that the bench has started, by its own id, and waits until it is gone. */
export async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}
