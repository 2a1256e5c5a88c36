import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { enterpriseToken } from '../../demo/client.ts';
import { until } from '../../demo/wait.ts';
import type { Custody } from '../../sdk/index.ts';
import { freePort, type Started, startCommand } from '../../test/process.ts';
import { makeScratchDirectory } from '../../test/scratch.ts';
import { type OwnServer, startOwnServer } from '../../test/wire/server.ts';

const program = fileURLToPath(new URL('../budstikke', import.meta.url));
const folder = makeScratchDirectory();
const [owner, sender, recipient, other] = ['315001005', '315001072', '315001145', '315001218'] as const;
const resource = 'cli-files';
let server: OwnServer;

const organization = (number: string, name: string, orgCode?: string): object => ({
  kind: 'organization',
  number,
  name,
  ...(orgCode ? { orgCode } : {}),
});
const key = generateKeyPairSync('rsa', { modulusLength: 2048 });
const town = {
  version: 1,
  parties: [organization(owner, 'Eier', 'clia'), ...[sender, recipient, other].map((number) => organization(number, `Filstad ${number}`))],
  roles: [],
  grants: [],
  resources: [
    {
      id: resource,
      type: 'BrokerService',
      owner,
      broker: {},
      title: { nb: 'Filer', nn: 'Filer', en: 'Files' },
      senders: 'any',
      readers: ['organization'],
    },
  ],
  clients: [
    {
      clientId: 'cli-client',
      keyId: 'k1',
      organization: sender,
      scopes: ['altinn:broker.write', 'altinn:broker.read'],
      publicKeyPem: key.publicKey.export({ type: 'spki', format: 'pem' }),
    },
  ],
};

before(async () => {
  server = await startOwnServer('cli-transfer', town);
});
after(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What a line of JSON may hold. */
interface Told {
  readonly fileTransferId: string;
  readonly role: string;
  readonly file: string;
  readonly confirmed: boolean;
  readonly status: string;
  readonly sha256: string;
  readonly resumed: boolean;
  readonly resumedAt: number;
  readonly error: { readonly name: string; readonly code: string };
  readonly overview: { readonly propertyList: object };
  readonly custody: Custody;
}

interface Done {
  readonly code: unknown;
  readonly said: string;
  /** Lines of JSON. */
  readonly told: readonly Told[];
}

function start(...args: string[]): Started {
  return startCommand(program, ['transfer', ...args], {
    env: { PATH: '/usr/bin:/bin', XDG_STATE_HOME: join(folder, 'state'), NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? '' },
  });
}

async function run(...args: string[]): Promise<Done> {
  const [command, ...rest] = args;
  const started = start(command!, '--json', ...rest);
  const code = await started.ended;
  const said = started.said();
  const told = said
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Told);
  return { code, said, told };
}

const at = (): string[] => ['--url', server.client.baseUrl];
const as = (number: string): string[] => [...at(), '--as', number];
const send = (...args: string[]): string[] => ['send', '--resource', resource, '--to', recipient, ...args];
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

function fileOf(name: string, size: number): { path: string; bytes: Buffer; hash: string } {
  const path = join(folder, name);
  const bytes = randomBytes(size);
  writeFileSync(path, bytes);
  return { path, bytes, hash: sha256(bytes) };
}

test('given files of any size, when they are sent with properties, listed, fetched and confirmed, then the recipient holds the very bytes, under names that stay in its directory', async () => {
  const files = [fileOf('tom.bin', 0), fileOf('liten æøå 😀.xml', 1000), fileOf('-lang', 3 * 1024 * 1024 + 7)];

  const sent = await run(...send(...as(sender), '--property', 'sak=1=2', '--reference', 'sak-1', '--', ...files.map(({ path }) => path)));

  assert.equal(sent.code, 0, sent.said);
  assert.deepEqual(
    sent.told.map((one) => [one.status, one.sha256, one.resumed]),
    files.map(({ hash }) => ['Published', hash, false]),
  );
  const ids = sent.told.map((one) => one.fileTransferId);
  const status = await run('status', ...as(recipient), ids[1]!);
  assert.deepEqual(status.told[0]!.overview.propertyList, { sak: '1=2' });
  const listed = await run('list', ...as(recipient), '--received', '--unfetched');
  assert.deepEqual(
    listed.told.map((one) => [one.fileTransferId, one.role]),
    ids.map((id) => [id, 'recipient']),
  );

  const into = join(folder, 'inn');
  const fetched = await run('fetch', ...as(recipient), '--unfetched', '--resource', resource, '--into', into, '--confirm');

  assert.equal(fetched.code, 0, fetched.said);
  assert.deepEqual(readdirSync(into).sort(), ['_lang', 'liten æøå 😀.xml', 'tom.bin']);
  for (const { path, bytes } of files) assert.ok(readFileSync(join(into, path.split('/').at(-1)!.replace(/^-/, '_'))).equals(bytes), path);
  const { custody } = (await run('status', ...as(sender), ids[2]!)).told[0]!;
  assert.deepEqual([custody.declared.sha256, custody.stored!.sha256, custody.recipients[0]!.sha256], Array(3).fill(files[2]!.hash));
  assert.deepEqual((await run('list', ...as(sender), '--sent', '--unconfirmed')).told, []);
  assert.deepEqual(readdirSync(join(folder, 'state/budstikke/transfers')), []);
});

for (const parts of [1, 4]) {
  test(`given a large file in ${parts} part${parts > 1 ? 's side by side' : ''}, when the command is killed in the middle and run again, then it goes on, and the server too may be killed meanwhile`, async () => {
    const { path, bytes, hash } = fileOf(`stor-${parts}.bin`, 12 * 1024 * 1024);
    const args = send(...as(sender), '--parts', String(parts), '--chunk', '1', '--rate', '3', path);
    const first = start(...args);
    const kept = join(folder, 'state/budstikke/transfers');
    const id = await until('some of it at the server', async () => {
      const [name] = readdirSync(kept);
      assert.ok(name);
      const state = JSON.parse(readFileSync(join(kept, name), 'utf8')) as { fileTransferId: string; parts: { path: string }[] };
      const at = state.parts[0]?.path ?? `/broker/api/v1/filetransfer/upload/tus/${state.fileTransferId}`;
      assert.equal(state.parts.length, parts > 1 ? parts : 0);
      assert.ok((await offsetAt(at)) > 0);
      return state.fileTransferId;
    });
    first.child.kill('SIGKILL');
    await first.ended;
    const second = start(...args, '--json');
    await second.waitFor(/goes on with file transfer/);
    await server.process().kill();
    await server.restart();

    assert.equal(await second.ended, 0, second.said());
    const told = JSON.parse(
      second
        .said()
        .split('\n')
        .find((line) => line.startsWith('{'))!,
    ) as { fileTransferId: string; resumed: boolean; sha256: string };
    assert.deepEqual([told.fileTransferId, told.resumed, told.sha256], [id, true, hash]);
    const into = join(folder, `inn-${parts}`);
    mkdirSync(into);
    // What an earlier attempt left: some of the bytes, which are not fetched again.
    writeFileSync(join(into, `.${id}.part`), bytes.subarray(0, 5_000_000));
    const fetched = await run('fetch', ...as(recipient), id, '--into', into);
    assert.deepEqual([fetched.code, fetched.told[0]?.resumedAt, fetched.told[0]?.sha256], [0, 5_000_000, hash], fetched.said);
    assert.deepEqual(readdirSync(into), [`stor-${parts}.bin`]);
  });
}

async function offsetAt(path: string): Promise<number> {
  const token = await enterpriseToken(server.client, sender, ['altinn:broker.write']);
  const shown = await fetch(server.client.baseUrl + path, {
    method: 'HEAD',
    headers: { authorization: `Bearer ${token}`, 'tus-resumable': '1.0.0' },
  });
  return Number(shown.headers.get('upload-offset') ?? 0);
}

test('given a file that changed since it was broken off, when the command is run again, then it is sent as a new one', async () => {
  const { path } = fileOf('endret.bin', 1024);
  const { bytes } = { bytes: readFileSync(path) };
  const one = await run(...send(...as(sender), path));
  truncateSync(path, 512);
  utimesSync(path, 1, 1);
  const two = await run(...send(...as(sender), path));

  assert.deepEqual([one.code, two.code, two.told[0]!.resumed], [0, 0, false]);
  assert.equal(two.told[0]!.sha256, sha256(bytes.subarray(0, 512)));
});

test('given two files of which one was not there, when the command is run again after the other was taken back, then that one is not sent a second time', async () => {
  const { path } = fileOf('trukket.bin', 700);
  const missing = join(folder, 'senere.bin');
  const one = await run(...send(...as(sender), path, missing));
  assert.equal(one.code, 1, one.said);
  const id = one.told[0]!.fileTransferId;
  const token = await enterpriseToken(server.client, sender, ['altinn:broker.write']);
  const recalled = await fetch(`${server.client.baseUrl}/budstikke/v1/filetransfer/${id}/recall`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Kari Nordmann', reason: 'Feil fil' }),
  });
  assert.equal(recalled.status, 200, await recalled.clone().text());
  writeFileSync(missing, 'nå er den her');

  const two = await run(...send(...as(sender), path, missing));

  assert.equal(two.code, 0, two.said);
  assert.deepEqual(
    two.told.map(({ status, resumed }) => [status, resumed]),
    [
      ['Cancelled', true],
      ['Published', false],
    ],
  );
  assert.equal(two.told[0]!.fileTransferId, id);
});

test('given a recipient that holds other bytes, when it fetches onto them or confirms, then nothing is kept or confirmed, and it ends with 5', async () => {
  const { path, hash } = fileOf('vaktsom.bin', 2048);
  const id = (await run(...send(...as(sender), path))).told[0]!.fileTransferId;
  const into = join(folder, 'ødelagt');
  mkdirSync(into);
  writeFileSync(join(into, `.${id}.part`), Buffer.alloc(1000));

  const fetched = await run('fetch', ...as(recipient), id, '--into', into, '--confirm');

  assert.deepEqual([fetched.code, fetched.told[0]?.error.name, readdirSync(into)], [5, 'OtherBytes', []], fetched.said);
  const wrong = await run('confirm', ...as(recipient), id, '--sha256', 'ab'.repeat(32));
  assert.deepEqual([wrong.code, wrong.told[0]?.error.name, wrong.told[0]?.error.code], [5, 'holdsOther', 'BRO-09952'], wrong.said);
  const right = await run('confirm', ...as(recipient), id, '--file', path);
  assert.deepEqual([right.code, right.told[0]?.sha256], [0, hash], right.said);
  const late = await run('confirm', ...as(recipient), id, '--sha256', 'ab'.repeat(32));
  assert.deepEqual([late.code, late.told[0]?.error.name], [5, 'holdsOtherConfirmed'], late.said);
});

test('given a file that is there, when one of its name is fetched, then both stay without --force, that it is held already is seen, and a link that was laid is not followed', async () => {
  const { path, bytes } = fileOf('mål.bin', 700);
  const id = (await run(...send(...as(sender), path))).told[0]!.fileTransferId;
  const into = join(folder, 'opptatt');
  mkdirSync(into);
  writeFileSync(join(into, 'mål.bin'), 'mitt');
  const elsewhere = join(folder, 'utenfor.txt');
  symlinkSync(elsewhere, join(into, `.${id}.part`));

  const nowhere = await run('fetch', ...as(recipient), id, id, '--into', path);
  assert.deepEqual([nowhere.code, nowhere.told.length], [1, 1], 'the other would meet it too');
  const linked = await run('fetch', ...as(recipient), id, '--into', into, '--force');
  assert.deepEqual([linked.code, existsSync(elsewhere)], [1, false], linked.said);
  rmSync(join(into, `.${id}.part`));
  for (const resumedAt of [0, 700]) {
    const beside = await run('fetch', ...as(recipient), id, '--into', into);
    assert.deepEqual(
      [beside.code, beside.told[0]?.file, beside.told[0]?.resumedAt],
      [0, join(into, `${id}-mål.bin`), resumedAt],
      beside.said,
    );
    assert.deepEqual([readFileSync(join(into, 'mål.bin'), 'utf8'), readdirSync(into).length], ['mitt', 2]);
  }
  const forced = await run('fetch', ...as(recipient), id, '--into', into, '--force');
  assert.equal(forced.code, 0, forced.said);
  assert.ok(readFileSync(join(into, 'mål.bin')).equals(bytes));
});

/** The line to the server, on which confirmations can be cut. */
async function openLine(): Promise<{ url: string; cuts: boolean }> {
  const line = { url: '', cuts: true };
  const proxy = createServer((request, response) => {
    if (line.cuts && request.url!.endsWith('/confirm')) return void request.socket.destroy();
    const { method, url, headers } = request;
    const onward = forward(new URL(url!, server.client.baseUrl), { method: method!, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  after(() => proxy.closeAllConnections());
  after(() => proxy.close());
  line.url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  return line;
}

test('given files of one name, one of them damaged here, when all are fetched and the line is cut before a confirmation, then the same command goes on, keeps all, and confirms each with its hash', async () => {
  const contents = [randomBytes(900), randomBytes(900), randomBytes(300)];
  const ids: string[] = [];
  for (const [i, bytes] of contents.entries()) {
    const path = join(folder, i === 2 ? 'tre.txt' : 'sbd.zip');
    writeFileSync(path, bytes);
    ids.push((await run('send', '--resource', resource, '--to', other, ...as(sender), path)).told[0]!.fileTransferId);
  }
  const line = await openLine();
  const into = join(folder, 'like');
  const fetchAll = () => run('fetch', '--url', line.url, '--as', other, '--attempts', '1', '--unfetched', '--into', into, '--confirm');

  const cut = await fetchAll();
  assert.deepEqual([cut.code, readdirSync(into)], [6, ['sbd.zip']], cut.said);
  line.cuts = false;
  // What an earlier attempt left of the third is not what the server has.
  writeFileSync(join(into, `.${ids[2]}.part`), Buffer.alloc(100));
  const mended = await fetchAll();

  assert.equal(mended.code, 5, mended.said);
  assert.deepEqual(
    mended.told.slice(0, 2).map((one) => [one.fileTransferId, one.file, one.resumedAt, one.confirmed]),
    [
      [ids[0], join(into, 'sbd.zip'), 900, true],
      [ids[1], join(into, `${ids[1]}-sbd.zip`), 0, true],
    ],
  );
  assert.deepEqual([mended.told[2]!.error.name, mended.told.length], ['OtherBytes', 3]);
  const last = await fetchAll();
  assert.deepEqual([last.code, last.told.map((one) => one.fileTransferId)], [0, [ids[2]]], last.said);
  assert.ok(readFileSync(join(into, 'sbd.zip')).equals(contents[0]!));
  assert.ok(readFileSync(join(into, `${ids[1]}-sbd.zip`)).equals(contents[1]!));
  const { custody } = (await run('status', ...as(sender), ids[0]!)).told[0]!;
  assert.deepEqual([custody.recipients[0]!.sha256, custody.recipients[0]!.downloads], [sha256(contents[0]!), 1]);
  assert.deepEqual((await fetchAll()).told, []);
  const file = await run('fetch', ...as(other), ids[0]!, '--into', join(into, 'tre.txt'));
  assert.deepEqual([file.code, /is no directory/.test(file.said)], [1, true], file.said);
});

test('given a file that becomes shorter while it is sent, when its end is reached, then the command ends with 5 and says so', async () => {
  const { path } = fileOf('roterer.log', 6 * 1024 * 1024);
  const started = start(...send(...as(sender), '--chunk', '1', '--rate', '2', path), '--json');
  const kept = join(folder, 'state/budstikke/transfers');
  await until('some of it at the server', async () => {
    const [name] = readdirSync(kept);
    assert.ok(name);
    const { fileTransferId } = JSON.parse(readFileSync(join(kept, name), 'utf8')) as { fileTransferId: string };
    assert.ok((await offsetAt(`/broker/api/v1/filetransfer/upload/tus/${fileTransferId}`)) > 0);
  });
  truncateSync(path, 1_500_000);

  assert.equal(await started.ended, 5, started.said());
  assert.match(started.said(), /became shorter while it was sent/);
});

test('given tokens of every kind, when a file is sent, then those that are trusted do, and others end with 4 and are told in a sentence', async () => {
  const { path } = fileOf('token.bin', 10);
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, `${await enterpriseToken(server.client, sender, ['altinn:broker.write'])}\n`);
  const keyFile = join(folder, 'key.pem');
  writeFileSync(keyFile, key.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const jwkFile = join(folder, 'key.json');
  writeFileSync(jwkFile, JSON.stringify({ ...key.privateKey.export({ format: 'jwk' }), kid: 'k1' }));
  const grant = ['--client-id', 'cli-client', '--token-url', `${server.client.baseUrl}/maskinporten/token`];
  const from = ['--from', sender, path];

  for (const way of [
    ['--token-file', tokenFile],
    [...grant, '--key-file', keyFile, '--key-id', 'k1'],
    [...grant, '--key-file', jwkFile],
  ]) {
    const sent = await run(...send(...at(), ...way, ...from));
    assert.equal(sent.code, 0, sent.said);
  }
  writeFileSync(tokenFile, 'ingen');
  const bad = await run(...send(...at(), '--token-file', tokenFile, ...from));
  assert.deepEqual([bad.code, bad.told[0]?.error.name], [4, 'unauthenticated'], bad.said);
  writeFileSync(tokenFile, await enterpriseToken(server.client, sender, ['altinn:broker.read']));
  const scopeless = await run(...send(...at(), '--token-file', tokenFile, ...from));
  assert.deepEqual([scopeless.code, scopeless.told[0]?.error.name], [4, 'scopeMissing'], scopeless.said);
  const stranger = await run(...send(...at(), ...grant.with(1, 'nobody'), '--key-file', jwkFile, ...from));
  assert.deepEqual([stranger.code, stranger.told[0]?.error.name], [4, 'unauthenticated'], stranger.said);
});

test('given what the server refuses, when it is asked for, then it ends with 3 and the name and code of the refusal', async () => {
  const { path } = fileOf('avvist.bin', 10);
  const unknown = await run('send', '--resource', resource, '--to', '310000000', ...as(sender), path);
  assert.deepEqual(
    [unknown.code, unknown.told[0]?.error.name, unknown.told[0]?.error.code],
    [3, 'recipientsUnknown', 'BRO-09950'],
    unknown.said,
  );
  const id = (await run(...send(...as(sender), path))).told[0]!.fileTransferId;
  const stranger = await run('fetch', ...as(other), id, '--into', join(folder, 'fremmed'));
  assert.deepEqual(
    [stranger.code, stranger.told[0]?.error.name, existsSync(join(folder, 'fremmed'))],
    [3, 'noAccess', false],
    stranger.said,
  );
  const early = await run('confirm', ...as(recipient), id, '--without-hash');
  assert.deepEqual([early.code, early.told[0]?.error.name], [3, 'confirmBeforeDownload'], early.said);
});

test('given a command that cannot be understood, a file that is none or a server that is none, when it is run, then each has its exit code and a sentence', async () => {
  const { path } = fileOf('riktig.bin', 10);
  const nobody = ['--url', `http://127.0.0.1:${await freePort()}`, '--attempts', '2'];
  const ends = async (...args: string[]): Promise<unknown[]> => {
    const { code, said } = await run(...args);
    assert.ok(!/\n\s+at /.test(said), said);
    return [code];
  };
  assert.deepEqual(await ends('send', path), [2]);
  assert.deepEqual(await ends(...send(...at(), path)), [2]);
  assert.deepEqual(await ends(...send(...as(sender), '--parts', '0', path)), [2]);
  assert.deepEqual(await ends(...send(...as(sender), '--to', '12', path)), [2]);
  assert.deepEqual(await ends('confirm', ...as(recipient), 'x'), [2]);
  assert.deepEqual(await ends(...send(...as(sender), join(folder, 'nei'))), [1]);
  assert.deepEqual(await ends(...send(...as(sender), folder)), [1]);
  assert.deepEqual(await ends('nosuch'), [2]);
  assert.equal(await startCommand(program, ['transfer'], { env: { PATH: '/usr/bin:/bin' } }).ended, 2);
  assert.deepEqual(await ends('list', ...nobody, '--as', sender), [6]);
  for (const command of ['send', 'list', 'fetch', 'confirm', 'status']) {
    const help = start(command, '--help');
    assert.equal(await help.ended, 0);
    assert.match(help.said(), /Exit codes:/);
  }
});
