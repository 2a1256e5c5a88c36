import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import ssh2 from 'ssh2';
import { newId } from '#kernel/ids.ts';
import type { Log } from '#kernel/log.ts';
import { type Sshd, type SshdOptions, sshdMisses, startSshd } from '../../../../test/servers/sshd.ts';
import { evidenceOf, outcomeOf } from '../../../correspondence/testing/town.ts';
import { handOverLetters } from '../../hand-over-letters.ts';
import { relayInvariants } from '../../invariants.ts';
import { readStatusFiles } from '../../status/read-status-files.ts';
import { openPress } from '../../testing/press.ts';
import { type Envelope, UnprintableFile } from '../print-house.ts';
import { HostKeyUnknown, ServerSilent, type SftpPlace } from './remote.ts';
import { createSftpHouse } from './sftp-house.ts';

/** The print house's directory lies behind Debian's own SFTP server: the same directory, so that it can be looked into. */
const press = await openPress();
const { town, directory } = press;
const { world, citizen } = town;
const misses = sshdMisses();
const withSshd = misses.length === 0 ? ({ timeout: 180_000 } as const) : { skip: `${misses.join(', ')} is not installed` };
const stops: (() => unknown)[] = [];
after(async () => {
  for (const stop of stops) await stop();
});

async function start(options: SshdOptions = {}): Promise<Sshd> {
  const server = await startSshd(options);
  stops.push(server.stop);
  return server;
}
let fair: Promise<Sshd> | undefined;
async function place(more: Partial<SftpPlace> = {}, server?: Sshd): Promise<SftpPlace> {
  fair ??= start();
  const { host, port, username, privateKey, hostKey } = server ?? (await fair);
  return { host, port, username, privateKey, hostKeys: [hostKey], directory, ...more };
}
const house = async (more: Partial<SftpPlace> = {}, server?: Sshd) => createSftpHouse(await place(more, server));

const bytesOf = (text: Buffer): Envelope['files'][number] => ({
  file: 'enclosed-001.bin',
  mediaType: 'application/octet-stream',
  sizeBytes: text.length,
  sha256: createHash('sha256').update(text).digest('hex'),
  read: async () => Readable.from([text]),
  begins: null,
});
const envelope = (content: Buffer = Buffer.from('Hei')): Envelope => ({ id: newId(), manifest: { version: 1 }, files: [bytesOf(content)] });
const unreadable = (of: Envelope): Envelope => ({
  ...of,
  files: of.files.map((file) => ({ ...file, read: () => Promise.reject(new Error('it was packed before')) })),
});

const whole = ['enclosed-001.bin', 'manifest.json'];
const contentOf = async (id: string) => (await readdir(join(directory, id)).catch(() => [])).sort();
async function leftOf(id: string): Promise<string[]> {
  const all = await Promise.all(['.making', '.ledger'].map((folder) => readdir(join(directory, folder)).catch(() => [])));
  return all.flat().filter((name) => name.includes(id) && name !== id);
}

/** A line to the server that is cut when so many bytes have gone to it. */
async function cutAfter(port: number, bytes: number): Promise<number> {
  const sockets: Socket[] = [];
  const proxy = createServer((client) => {
    const behind = connect(port, '127.0.0.1');
    sockets.push(client, behind);
    for (const socket of [client, behind]) socket.on('error', () => {});
    let passed = 0;
    behind.pipe(client);
    client.on('data', (chunk) => {
      passed += chunk.length;
      behind.write(chunk);
      if (passed > bytes) for (const socket of [client, behind]) socket.destroy();
    });
    behind.on('close', () => client.destroy());
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  stops.push(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  return (proxy.address() as AddressInfo).port;
}

test(
  'given a letter that nobody opens, when it goes by SFTP, then the house gets it once and whole, and what it lays down comes back, once',
  withSshd,
  async () => {
    const ctx = { ...press.ctx, printHouse: await house() };
    const id = await press.toPaper(citizen, {}, { 'vedtak.pdf': '%PDF-1.4\n%%EOF\n' });

    await handOverLetters(ctx);
    await handOverLetters(ctx);

    const shipment = await press.shipment(id);
    assert.equal(shipment.state, 'dropped');
    assert.deepEqual((await press.drop())[shipment.id], ['enclosed-001.pdf', 'letter.pdf', 'manifest.json']);
    const manifest = JSON.parse((await press.read(shipment.id, 'manifest.json')).toString());
    for (const { file, sha256 } of [manifest.letter, ...manifest.enclosed])
      assert.equal(
        createHash('sha256')
          .update(await press.read(shipment.id, file))
          .digest('hex'),
        sha256,
      );
    assert.deepEqual(await leftOf(shipment.id), []);

    await readStatusFiles(ctx); // where there is no such directory, nothing has come
    const status = join(directory, 'status');
    await mkdir(status);
    const posted = JSON.stringify({ reports: [{ shipment: shipment.id, status: 'posted', answer: 'sekk 13' }] });
    for (const [name, text] of [
      ['1.json', posted],
      ['2.json', '{'],
      ['3.json', ' '.repeat(1_000_001)],
      ['4.json.tmp', posted],
    ] as const)
      await writeFile(join(status, name), text);
    await readStatusFiles(ctx);
    assert.equal(await outcomeOf(town, id), 'relayed');
    assert.equal((await evidenceOf(town, id)).filter((event) => event.startsWith('RelayToNonERDS')).length, 1);
    assert.deepEqual([await readdir(join(status, 'read')), await readdir(join(status, 'refused'))], [['1.json'], ['2.json', '3.json']]);
    await world.nothingWritten(() => readStatusFiles(ctx));

    await writeFile(join(status, '1.json'), posted); // a name that came before
    await world.nothingWritten(() => readStatusFiles(ctx));
    assert.equal((await readdir(join(status, 'read'))).length, 2);
  },
);

test(
  'given a machine that shows another key, when a letter is to go there, then nothing is told to it, the letter waits, and the log names the key',
  withSshd,
  async () => {
    const id = await press.toPaper(citizen);
    const lines: object[] = [];
    const log = { ...press.ctx.log, error: (line: object) => void lines.push(line) } as unknown as Log;
    const other = `SHA256:${'A'.repeat(43)}`;

    await handOverLetters({ ...press.ctx, log, printHouse: await house({ hostKeys: [other] }) });

    const { state, attempts, id: shipment } = await press.shipment(id);
    assert.deepEqual([state, attempts, await contentOf(shipment)], ['accepted', 1, []]);
    assert.equal((lines[0] as { error: string }).error, 'HostKeyUnknown');
    assert.ok(JSON.stringify(lines[0]).includes((await place()).hostKeys[0]!));

    await world.advance(61);
    await handOverLetters({ ...press.ctx, printHouse: await house() });
    assert.equal((await press.shipment(id)).state, 'dropped');
  },
);

/** An SSH server of our own, to be done badly with. Lets one in by a password. */
async function startBadly(onSession: (session: ssh2.Session) => void) {
  const told: string[] = [];
  let closed = 0;
  const { private: privateHostKey, public: publicKey } = ssh2.utils.generateKeyPairSync('ed25519');
  const server = new ssh2.Server({ hostKeys: [privateHostKey] }, (client) => {
    client.on('error', () => {});
    client.on('close', () => closed++);
    client.on('authentication', (asked) => {
      told.push(asked.method === 'password' ? `${asked.username} ${asked.password}` : asked.method);
      if (asked.method === 'password' && asked.password === 'hemmelig') asked.accept();
      else asked.reject(['password']);
    });
    client.on('session', (accept) => onSession(accept()));
  }).listen(0, '127.0.0.1');
  stops.push(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const hostKey = `SHA256:${createHash('sha256')
    .update(Buffer.from(publicKey.split(' ')[1]!, 'base64'))
    .digest('base64')
    .replaceAll('=', '')}`;
  const to: SftpPlace = { host: '127.0.0.1', port, username: 'post', password: 'hemmelig', hostKeys: [hostKey], directory };
  return { to, hostKey, told, closed: () => closed };
}

test('given a password, when the right machine asks for it, then it gets it, and one with another key hears no name and no password', async () => {
  const { to, hostKey, told } = await startBadly((session) => session.on('sftp', (_, reject) => reject()));
  const dropTo = (more: Partial<SftpPlace> = {}) => createSftpHouse({ ...to, ...more }).drop(envelope());

  await assert.rejects(
    dropTo({ hostKeys: [`SHA256:${'A'.repeat(43)}`] }),
    (error) => error instanceof HostKeyUnknown && error.message.includes(hostKey),
  );
  assert.deepEqual(told, []);
  await assert.rejects(dropTo({ password: 'feil' }), /authentication methods failed/);
  await assert.rejects(dropTo(), /Unable to start subsystem|subsystem/);
  assert.equal(told.at(-1), 'post hemmelig');
});

const { OK, NO_SUCH_FILE } = ssh2.utils.sftp.STATUS_CODE;
const silences: Record<string, ((sftp: ssh2.SFTPWrapper) => void) | undefined> = {
  'whether there is SFTP': undefined,
  'to a new directory': (sftp) => sftp.on('MKDIR', () => {}),
  'to an open': (sftp) => sftp.on('MKDIR', (id) => sftp.status(id, OK)).on('OPEN', () => {}),
  'to a write': (sftp) =>
    sftp
      .on('MKDIR', (id) => sftp.status(id, OK))
      .on('OPEN', (id, _, flags) => (flags === 1 ? sftp.status(id, NO_SUCH_FILE) : sftp.handle(id, Buffer.from('a'))))
      .on('WRITE', () => {}),
};
for (const [what, hang] of Object.entries(silences)) {
  test(`given a machine that lets us in and never answers ${what}, when a letter is to go there, then the line is closed, and the letter waits for the next attempt`, {
    timeout: 30_000,
  }, async () => {
    const { to, closed } = await startBadly((session) => session.on('sftp', (accept) => hang?.(accept())));
    const dropping = createSftpHouse({ ...to, answerMillis: 200 });
    const source = Readable.from([randomBytes(10), randomBytes(10)]);
    const given = envelope();
    await assert.rejects(dropping.drop({ ...given, files: [{ ...given.files[0]!, read: async () => source }] }), ServerSilent);
    if (what === 'to a write') assert.ok(source.destroyed, 'what was to be sent is let go');

    const id = await press.toPaper(citizen);
    await handOverLetters({ ...press.ctx, printHouse: dropping });
    const { state, attempts } = await press.shipment(id);
    assert.deepEqual([state, attempts], ['accepted', 1]);
    while (closed() < 2) await setTimeout(5);

    await world.advance(61);
    await handOverLetters({ ...press.ctx, printHouse: { drop: async () => {} } });
    assert.equal((await press.shipment(id)).state, 'dropped');
  });
}

test(
  'given a line that is cut in the middle of a file, when the letter is given again, then it is there once and whole, and nothing is left over',
  withSshd,
  async () => {
    const given = envelope(randomBytes(3_000_000));
    const { port } = await place();

    await assert.rejects((await house({ port: await cutAfter(port, 1_000_000) })).drop(given));
    assert.deepEqual(await contentOf(given.id), []);
    assert.equal((await leftOf(given.id)).length, 1, 'what was begun');
    await (await house()).drop(given);

    assert.deepEqual([await contentOf(given.id), await leftOf(given.id)], [whole, []]);
  },
);

test(
  'given an envelope that was entered and not put in its place, when it is dropped again, then it is the one that was entered; and fetched, it never comes again',
  withSshd,
  async () => {
    const given = envelope();
    const blocker = join(directory, given.id);
    await mkdir(join(blocker, 'in-the-way'), { recursive: true });
    await assert.rejects((await house()).drop(given));
    await rm(blocker, { recursive: true });

    await (await house()).drop(unreadable(given));
    assert.deepEqual(await contentOf(given.id), whole);

    await rm(join(directory, given.id), { recursive: true });
    await (await house()).drop(unreadable(given));
    assert.deepEqual(await contentOf(given.id), []);
  },
);

test(
  'given several that drop one envelope at once, when all are done, then it is there once, and nothing is left over',
  withSshd,
  async () => {
    const given = envelope();
    const dropping = await house();
    const done = await Promise.allSettled([1, 2, 3].map(() => dropping.drop(given)));

    assert.ok(
      done.some(({ status }) => status === 'fulfilled'),
      JSON.stringify(done),
    );
    await dropping.drop(given);
    assert.deepEqual([await contentOf(given.id), await leftOf(given.id)], [whole, []]);
  },
);

test(
  'given a file that is not what was sent, when it goes by SFTP, then it is not printable, and nothing is left over',
  withSshd,
  async () => {
    const given = envelope();
    const bad = { ...given, files: [{ ...given.files[0]!, sha256: '0'.repeat(64) }] };

    await assert.rejects((await house()).drop(bad), (error) => error instanceof UnprintableFile && error.reason === 'attachment-gone');
    assert.deepEqual([await contentOf(given.id), await leftOf(given.id)], [[], []]);
  },
);

const troubles: readonly (readonly [what: string, options: SshdOptions, told: RegExp])[] = [
  ['whose disk takes no more', { mostBlocks: 200 }, /Failure/],
  ['that lets nobody write', { sftp: '-R' }, /Permission denied/],
  ['that lets nobody rename', { sftp: '-P rename,posix-rename' }, /Permission denied/],
];
for (const [what, options, told] of troubles) {
  test(
    `given a machine ${what}, when a letter is to go there, then it waits, nothing is there by its name, and it goes when that is mended`,
    withSshd,
    async () => {
      const server = await start(options);
      const given = envelope(randomBytes(300_000));

      await assert.rejects((await house({}, server)).drop(given), told);
      assert.deepEqual(await contentOf(given.id), []);
      await server.stop();

      await (await house()).drop(given);
      assert.deepEqual([await contentOf(given.id), await leftOf(given.id)], [whole, []]);
    },
  );
}

test(
  'given a machine that is down, or takes the call and says nothing, when letters wait for it, then each attempt ends, and after four an invariant alarms',
  withSshd,
  async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    await assert.rejects((await house({ port, connectMillis: 300 })).drop(envelope()), /Timed out/);
    silent.close();

    const id = await press.toPaper(citizen);
    const away = { ...press.ctx, printHouse: await house({ port }) };
    await assert.rejects(
      away.printHouse.collectStatus!(async () => true),
      /ECONNREFUSED/,
    );
    const alarm = relayInvariants.find(({ name }) => name.includes('out of reach'))!;
    for (const minutes of [0, 1, 5, 15]) {
      assert.deepEqual(await world.db.all(alarm.find), []);
      await world.advance(minutes * 60 + 1);
      await handOverLetters(away);
    }
    const { id: shipment, state, attempts } = await press.shipment(id);
    assert.deepEqual([state, attempts], ['accepted', 4]);
    assert.deepEqual(await world.db.all(alarm.find), [{ id: shipment }]);

    await world.advance(3601);
    await handOverLetters({ ...press.ctx, printHouse: await house() });
    assert.equal((await press.shipment(id)).state, 'dropped');
    assert.deepEqual(await world.db.all(alarm.find), []);
  },
);

test(
  'given an envelope in the directory of the SFTP server, when it is taken back, then it is gone from there and is given no more; one that the house has is not',
  withSshd,
  async () => {
    const [mine, fetched] = [envelope(), envelope()];
    const over = await house();
    for (const each of [mine, fetched]) await over.drop(each);
    await rm(join(directory, fetched.id), { recursive: true });
    assert.deepEqual([await over.takeBack!(mine.id), await over.takeBack!(fetched.id)], [true, false]);
    assert.ok(!(await readdir(directory)).includes(mine.id));
    assert.equal(await over.takeBack!(mine.id), true, 'who lost its line after it asks again');
    await over.drop(unreadable(mine));
    assert.ok(!(await readdir(directory)).includes(mine.id));
    await over.forget!(mine.id);
    assert.equal(await over.takeBack!(mine.id), false);
    assert.ok(!(await readdir(join(directory, '.making'))).includes(`${mine.id}.back`));
  },
);
