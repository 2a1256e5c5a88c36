import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, chmodSync, constants, mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Closers } from '../closers.ts';
import { endChild } from './stage.ts';

/** Programs of Debian that carry files, to be measured beside ours. Each is started on a port of its own and ended by its own id. */

/** Where a program is; undefined, and said, when it is not installed. */
function find(program: string, debianPackage: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/lib/openssh'];
  const found = folders.map((folder) => join(folder, program)).find(isExecutable);
  if (!found) console.log(`${program} is not installed (apt-get install ${debianPackage}); it is left out.`);
  return found;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** nginx that serves a folder by sendfile; its address. */
export async function startNginx(root: string, folder: string, closers: Closers): Promise<string | undefined> {
  const program = find('nginx', 'nginx');
  if (!program) return undefined;
  const own = join(folder, 'nginx');
  mkdirSync(own);
  const port = await freePort();
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${own}/${name};`).join('\n  ');
  writeFileSync(
    join(own, 'nginx.conf'),
    `daemon off; worker_processes 1; pid ${own}/pid; error_log ${own}/error.log;${userInfo().uid === 0 ? ' user root;' : ''}
events { worker_connections 1024; }
http {
  ${paths}
  access_log off; sendfile on; tcp_nopush off;
  server { listen 127.0.0.1:${port}; root ${root}; }
}
`,
  );
  const child = spawn(program, ['-c', join(own, 'nginx.conf'), '-e', join(own, 'error.log')], { stdio: ['ignore', 'ignore', 'pipe'] });
  return (await answers(child, port, 'nginx', closers)) ? `http://127.0.0.1:${port}` : undefined;
}

/** Puts a file on an OpenSSH server of the bench's own by sftp. */
export type Put = (file: string) => Promise<void>;

export async function startSftp(folder: string, closers: Closers): Promise<Put | undefined> {
  const [sshd, server, client] = [
    find('sshd', 'openssh-server'),
    find('sftp-server', 'openssh-sftp-server'),
    find('sftp', 'openssh-client'),
  ];
  if (!sshd || !server || !client) return undefined;
  const own = join(folder, 'sftp');
  mkdirSync(own, { mode: 0o700 });
  const [hostKey, key] = ['host', 'key'].map((name) => join(own, name)) as [string, string];
  for (const file of [hostKey, key]) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
  const port = await freePort();
  const config = join(own, 'sshd_config');
  writeFileSync(
    config,
    `Port ${port}\nListenAddress 127.0.0.1\nHostKey ${hostKey}\nPidFile ${own}/pid\nAuthorizedKeysFile ${key}.pub\nStrictModes no
PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\nSubsystem sftp ${server}\n`,
  );
  const test = spawnSync(sshd, ['-t', '-f', config], { encoding: 'utf8' });
  if (test.status !== 0) {
    console.log(`OpenSSH's sshd does not start (${test.stderr.trim().split('\n').at(-1)}); sftp is left out.`);
    return undefined;
  }
  const child = spawn(sshd, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  if (!(await answers(child, port, 'sshd', closers))) return undefined;
  chmodSync(key, 0o600);
  const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'BatchMode=yes', 'LogLevel=ERROR'];
  return async (file) => {
    const batch = join(own, 'batch');
    writeFileSync(batch, `put ${file} ${join(own, 'received.bin')}\nrm ${join(own, 'received.bin')}\n`);
    const args = [...options.flatMap((one) => ['-o', one]), '-P', String(port), '-i', key, '-b', batch, `${userInfo().username}@127.0.0.1`];
    const put = spawn(client, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    const [code] = (await once(put, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`sftp ended with ${code}`);
  };
}

/** Waits until a program listens. False, and said, when it ends instead. */
async function answers(child: ChildProcess, port: number, name: string, closers: Closers): Promise<boolean> {
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
  closers.add(() => endChild(child));
  for (let tries = 0; tries < 200; tries++) {
    if (child.exitCode !== null) break;
    if (await isListening(port)) return true;
    await sleep(50);
  }
  console.log(`${name} does not answer (${said.trim().split('\n').at(-1)}); it is left out.`);
  return false;
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}
