import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, enterpriseToken } from './client.ts';
import { found, read, type Scene } from './scene.ts';
import { until } from './wait.ts';

const mebibyte = 1024 * 1024;
const sizeMebibytes = 64;
const fileName = 'beslag-2026-114.img';
const scopes = ['altinn:broker.write', 'altinn:broker.read'] as const;
const command = join(import.meta.dirname, '../cli/main.ts');

interface Followed {
  readonly transfers: readonly { readonly fileTransferId: string; readonly fileTransferStatus: string }[];
}

interface Custody {
  readonly declared: { readonly sha256: string | null };
  readonly stored: { readonly sha256: string } | null;
  readonly recipients: readonly { readonly sha256: string | null; readonly custody: string }[];
}

/**
 * The file: from one agency to another by the command line, which is killed in the middle, and goes on. Nobody is told by mail: the
 * recipient's system is at work, and people hear of a file that has lain for a day.
 */
export async function tellFileStory(scene: Scene): Promise<void> {
  const { nobody, cast, table, folder } = scene;
  const { police, taxAgency, files } = cast;
  const asPolice = nobody.with(await enterpriseToken(nobody, police.number, scopes));
  const asTaxAgency = nobody.with(await enterpriseToken(nobody, taxAgency.number, scopes));
  const path = join(folder, fileName);
  const bytes = randomBytes(sizeMebibytes * mebibyte);
  writeFileSync(path, bytes);
  const hash = createHash('sha256').update(bytes).digest('hex');
  const sending = ['send', '--resource', files.id, '--to', taxAgency.number, '--as', police.number, '--chunk', '4', path];
  let id = '';

  await table.row(taxAgency.name, 'has a system that looks for files, and finds none yet', async () => {
    const { transfers } = await followed(asTaxAgency, { role: 'recipient', unfetched: 'true', resourceId: files.id });
    assert.deepEqual(transfers, []);
    return 'GET …/filetransfer, unfetched: none';
  });
  await table.row(police.name, `sends ${sizeMebibytes} MiB, and its command is killed in the middle`, async () => {
    const first = startCommand(scene, [...sending, '--rate', '24']);
    const reached = await until('a part of the file', () => partOf(asPolice, files.id), { tell: table.waiting });
    first.child.kill('SIGKILL');
    await first.ended;
    id = reached.id;
    const { offset } = await partOf(asPolice, files.id);
    return `HEAD …/tus/${id.slice(0, 8)}…: ${Math.round(offset / mebibyte)} of ${sizeMebibytes} MiB are there`;
  });
  await table.row(police.name, 'runs the same command again: it goes on from there', async () => {
    const { code, said } = await startCommand(scene, sending).ended;
    assert.equal(code, 0, said);
    assert.match(said, new RegExp(`goes on with file transfer ${id}`));
    const { fileTransferStatus, fileTransferSize } = await read<{ fileTransferStatus: string; fileTransferSize: number }>(
      asPolice,
      `/broker/api/v1/filetransfer/${id}`,
    );
    assert.deepEqual([fileTransferStatus, fileTransferSize], ['Published', bytes.length]);
    return `GET …/filetransfer/${id.slice(0, 8)}…: ${fileTransferStatus}, ${fileTransferSize} bytes`;
  });
  await table.row(taxAgency.name, 'finds it among what it has not fetched', async () => {
    const { transfers } = await followed(asTaxAgency, { role: 'recipient', unfetched: 'true', resourceId: files.id });
    assert.deepEqual(
      transfers.map((one) => one.fileTransferId),
      [id],
    );
    return 'GET …/filetransfer, unfetched: this one';
  });
  await table.row(taxAgency.name, 'fetches it, and confirms with the hash of what it holds', async () => {
    const into = join(folder, 'fetched');
    mkdirSync(into);
    const { code, said } = await startCommand(scene, ['fetch', id, '--into', into, '--as', taxAgency.number, '--confirm']).ended;
    assert.equal(code, 0, said);
    const held = createHash('sha256')
      .update(readFileSync(join(into, fileName)))
      .digest('hex');
    assert.equal(held, hash);
    return `on disk: SHA-256 ${held.slice(0, 12)}…, as was sent`;
  });
  await table.row('the custody', 'is whole: sender, server and recipient had the same bytes', async () => {
    const { declared, stored, recipients } = await read<Custody>(asPolice, `/budstikke/v1/filetransfer/${id}/custody`);
    assert.deepEqual([declared.sha256, stored?.sha256, recipients[0]?.sha256], [hash, hash, hash]);
    assert.equal(recipients[0]?.custody, 'whole');
    return `GET …/custody: three times ${hash.slice(0, 12)}…`;
  });
  await table.row(police.name, 'sees that it has come the whole way', async () => {
    const { fileTransferStatus } = await read<{ fileTransferStatus: string }>(asPolice, `/broker/api/v1/filetransfer/${id}`);
    assert.equal(fileTransferStatus, 'AllConfirmedDownloaded');
    return `GET …/filetransfer/${id.slice(0, 8)}…: ${fileTransferStatus}`;
  });
}

function followed(client: Client, query: Record<string, string>): Promise<Followed> {
  return read<Followed>(client, `/budstikke/v1/filetransfer?${new URLSearchParams(query)}`);
}

/** The file on its way, once some of it is durable and not yet all. */
async function partOf(sender: Client, resourceId: string): Promise<{ id: string; offset: number }> {
  const { transfers } = await followed(sender, { role: 'sender', resourceId });
  const { fileTransferId: id } = found(transfers[0], 'nothing is announced');
  const { headers } = await sender.head(`/broker/api/v1/filetransfer/upload/tus/${id}`, { 'tus-resumable': '1.0.0' });
  const offset = Number(headers.get('upload-offset') ?? 0);
  assert.ok(offset >= 16 * mebibyte, `${offset} bytes are durable`);
  assert.ok(offset < sizeMebibytes * mebibyte, 'all of it is there already');
  return { id, offset };
}

/** The command line as anybody runs it, with what it remembers in the demo's own folder. It ends with the demo. */
function startCommand(
  { nobody, folder }: Scene,
  [name, ...args]: readonly string[],
): { readonly child: ChildProcess; readonly ended: Promise<{ code: number | null; said: string }> } {
  const child = spawn(process.execPath, [command, 'transfer', name!, '--url', nobody.baseUrl, ...args], {
    env: { ...process.env, XDG_STATE_HOME: join(folder, 'state') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const dieWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', dieWithUs);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
  const ended = once(child, 'close').then(([code]) => {
    process.off('exit', dieWithUs);
    return { code: code as number | null, said };
  });
  return { child, ended };
}
