import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, beforeEach, test } from 'node:test';
import { newId } from '#kernel/ids.ts';
import { makeScratchDirectory } from '../../../../test/scratch.ts';
import { sshdMisses, startSshd } from '../../../../test/servers/sshd.ts';
import type { Envelope } from '../print-house.ts';
import { dropOver, PackingGone } from './drop-envelope.ts';
import { withRemote } from './remote.ts';
import type { Remote } from './remote-files.ts';

/** Debian's own SFTP server, and a hand that meddles between two of our questions. */
const misses = sshdMisses();
const withSshd = misses.length === 0 ? ({ timeout: 180_000 } as const) : { skip: `${misses.join(', ')} is not installed` };
const root = makeScratchDirectory();
const server = misses.length === 0 ? await startSshd() : undefined;
after(async () => {
  await server?.stop();
  await rm(root, { recursive: true, force: true });
});
let directory = root;
beforeEach(async () => {
  directory = join(root, newId());
  await mkdir(directory);
});
const [making, ledger] = [() => join(directory, '.making'), () => join(directory, '.ledger')];

function drop(given: Envelope, meddle: (remote: Remote) => Partial<Remote> = () => ({})): Promise<void> {
  const { host, port, username, privateKey, hostKey } = server!;
  return withRemote({ host, port, username, privateKey, hostKeys: [hostKey], directory }, (remote) =>
    dropOver({ ...remote, ...meddle(remote) }, directory, given),
  );
}
/** Something happens right before an envelope would come to its place. */
const beforeMove =
  (id: string, happens: (from: string, remote: Remote) => Promise<unknown>) =>
  (remote: Remote): Partial<Remote> => ({
    rename: async (from, to) => {
      if (to === join(directory, id)) await happens(from, remote);
      return remote.rename(from, to);
    },
  });

const hei = Buffer.from('Hei');
const envelope = (): Envelope => ({
  id: newId(),
  manifest: { version: 1 },
  files: [
    {
      file: 'enclosed-001.bin',
      mediaType: 'application/octet-stream',
      sizeBytes: hei.length,
      sha256: createHash('sha256').update(hei).digest('hex'),
      read: async () => Readable.from([hei]),
      begins: null,
    },
  ],
});
const whole = ['enclosed-001.bin', 'manifest.json'];
const contentOf = async (id: string) => (await readdir(join(directory, id)).catch(() => [])).sort();
const namesIn = async (folder: string) => (await readdir(folder).catch(() => [])).sort();

test(
  'given a packing that is gone before it is moved by the run that entered it, when that is found out, then the drop fails, and the next one packs anew',
  withSshd,
  async () => {
    const given = envelope();
    const vanish = beforeMove(given.id, (from) => rm(from, { recursive: true }));

    await assert.rejects(drop(given, vanish), PackingGone);
    assert.deepEqual([await contentOf(given.id), await namesIn(ledger())], [[], []]);
    await drop(given);

    assert.deepEqual([await contentOf(given.id), await namesIn(ledger()), await namesIn(making())], [whole, [given.id], []]);
  },
);

test(
  'given a packing that another run moves before the one that entered it, when that is found out, then it was delivered, once',
  withSshd,
  async () => {
    const given = envelope();
    const overtake = beforeMove(given.id, (from, remote) => remote.rename(from, join(directory, given.id)));

    await drop(given, overtake);
    assert.deepEqual([await contentOf(given.id), await namesIn(ledger())], [whole, [given.id]]);

    await rm(join(directory, given.id), { recursive: true }); // the house has fetched it
    await drop(given);
    assert.deepEqual(await contentOf(given.id), []);
  },
);

test(
  'given an entry of an earlier run that is taken back while another has read it, when that one finds no packing, then it does not count as delivered',
  withSshd,
  async () => {
    const given = envelope();
    const cut = beforeMove(given.id, () => Promise.reject(new Error('the line is cut')));
    await assert.rejects(drop(given, cut), /the line is cut/);
    assert.deepEqual(await namesIn(ledger()), [given.id]);

    const takeBack = beforeMove(given.id, async (from) => {
      await rm(from, { recursive: true });
      await rm(join(ledger(), given.id));
    });
    await assert.rejects(drop(given, takeBack), PackingGone);
    await drop(given);
    assert.deepEqual(await contentOf(given.id), whole);
  },
);

test(
  'given a draft of an entry that another run has tidied away, when it is to be entered, then it does not count as entered',
  withSshd,
  async () => {
    const given = envelope();
    const tidy = (remote: Remote): Partial<Remote> => ({
      rename: async (from, to) => {
        if (to === join(ledger(), given.id)) await remote.remove(from);
        return remote.rename(from, to);
      },
    });

    await assert.rejects(drop(given, tidy), PackingGone);
    assert.deepEqual([await contentOf(given.id), await namesIn(ledger())], [[], []]);
    await drop(given);
    assert.deepEqual([await contentOf(given.id), await namesIn(making())], [whole, []]);
  },
);

test(
  'given what cut lines left of other shipments, when a letter is dropped, then what is older than a day goes, and nothing that is younger, entered or not ours',
  withSshd,
  async () => {
    const [cutOff, young, entered] = [1, 2, 3].map(() => `${newId()}.${newId()}`) as [string, string, string];
    const notOurs = ['readme.txt', `${newId()}.zip`, 'arkiv.2026'];
    for (const folder of [making(), ledger()]) await mkdir(folder);
    for (const name of [cutOff, young, entered]) {
      await mkdir(join(making(), name));
      await writeFile(join(making(), name, 'letter.pdf'), '%PDF');
    }
    for (const name of [`${cutOff}.entry`, `${young}.entry`, ...notOurs]) await writeFile(join(making(), name), name);
    await writeFile(join(ledger(), entered.slice(0, 36)), entered);
    const agoSeconds = Date.now() / 1000 - 86_400 - 60;
    for (const name of [cutOff, `${cutOff}.entry`, entered, ...notOurs]) await utimes(join(making(), name), agoSeconds, agoSeconds);
    const youngSeconds = Date.now() / 1000 - 86_400 + 600;
    for (const name of [young, `${young}.entry`]) await utimes(join(making(), name), youngSeconds, youngSeconds);

    const given = envelope();
    await drop(given);

    assert.deepEqual(await namesIn(making()), [young, `${young}.entry`, entered, ...notOurs].sort());
    assert.deepEqual(await contentOf(given.id), whole);
    assert.equal(await readFile(join(ledger(), entered.slice(0, 36)), 'utf8'), entered);
  },
);

test('given leftovers that cannot be swept, when a letter is dropped, then it is dropped all the same', withSshd, async () => {
  const stale = `${newId()}.${newId()}`;
  await mkdir(join(making(), stale, 'a-directory-in-it', 'and-another'), { recursive: true });
  await utimes(join(making(), stale), 1, 1);

  const given = envelope();
  await drop(given);

  assert.deepEqual([await contentOf(given.id), await namesIn(making())], [whole, [stale]]);
});
