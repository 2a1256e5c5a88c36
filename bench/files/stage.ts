import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createClient, enterpriseToken } from '../../demo/client.ts';
import { createTransfers, type Transfers } from '../../sdk/index.ts';
import { organizationNumberFrom } from '../../server/sandbox/numbers.ts';
import type { Closers } from '../closers.ts';
import { profileFolder } from '../ground.ts';
import { openMachine, withClient } from '../machine.ts';
import type { BenchOptions } from '../options.ts';
import { readProfile, readStatements } from '../profile.ts';
import { type BenchServer, startServer, type Usage } from '../server-process.ts';
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
  readonly bareUrl: string;
  readonly bareUsage: () => Promise<Usage>;
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
  const profileTo = options.profile ? profileFolder(machine, `files-${Date.now()}`) : undefined;
  const settings = await settingsOf(options.store, machine.folder, closers);
  const server = await startServer(
    { databaseUrl: machine.urlOf('files'), folder: machine.folder, shape: 'joined', sideWork: 'off', settings, profileTo },
    closers,
  );
  const nobody = createClient(server.url);
  const seeded = await nobody.post('/budstikke/v1/sandbox/seed', townOf());
  if (seeded.status !== 200) throw new Error(`The town was not loaded: ${seeded.status} ${seeded.text.slice(0, 1000)}`);
  const folder = join(machine.folder, 'bare');
  mkdirSync(folder);
  const scopes = ['altinn:broker.write', 'altinn:broker.read'];
  const [senderToken, recipientToken] = await Promise.all([sender, recipient].map((number) => enterpriseToken(nobody, number, scopes)));
  const transfers = createTransfers({ baseUrl: server.url, token: async () => senderToken! });
  const bare = await startBare(folder, closers);
  return {
    server,
    bareUrl: bare.url,
    bareUsage: bare.usage,
    tellProfile: profileTo
      ? async () => {
          const statements = await withClient(machine.urlOf('files'), readStatements);
          await server.stop();
          return ['profile of our server:', ...readProfile(profileTo), 'statements:', ...statements];
        }
      : undefined,
    folder,
    senderToken: senderToken!,
    recipientToken: recipientToken!,
    transfers,
    announce: () =>
      transfers.announce({
        fileName: 'måling.bin',
        resourceId,
        sender: `0192:${sender}`,
        recipients: [`0192:${recipient}`],
        disableVirusScan: true,
      }),
    uploadPath: (id) => `/broker/api/v1/filetransfer/${id}/upload`,
    downloadPath: (id) => `/broker/api/v1/filetransfer/${id}/download`,
  };
}

function townOf(): object {
  const title = { nb: 'Målefiler', nn: 'Målefiler', en: 'Files to be measured' };
  return {
    version: 1,
    parties: [owner, sender, recipient].map((number) => ({ kind: 'organization', number, name: `Målested ${number}`, unitType: 'ORGL' })),
    resources: [{ id: resourceId, type: 'BrokerService', owner, title, senders: 'any', readers: ['organization'], broker: {} }],
  };
}

async function startBare(folder: string, closers: Closers): Promise<{ url: string; usage(): Promise<Usage> }> {
  const child = fork(join(import.meta.dirname, 'bare-server.ts'), [folder], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  closers.add(() => endChild(child));
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  const usage = async (): Promise<Usage> => {
    child.send('usage');
    return ((await once(child, 'message')) as [Usage])[0];
  };
  return { url: `http://127.0.0.1:${port}`, usage };
}

/** Ends a process that the bench has started, by its own id, and waits until it is gone. */
export async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}
