import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, test } from 'node:test';
import { sql } from '#kernel/database.ts';
import type { FileTransferId } from '#kernel/ids.ts';
import type { Scanner } from '#scanning/index.ts';
import { scanAndSettle as scanTransfer } from '../../server/broker/send/settle-scan.ts';
import * as files from '../../server/broker/testing/town.ts';
import { scanAndSettle } from '../../server/correspondence/attachments/settle-scan.ts';
import * as letters from '../../server/correspondence/testing/town.ts';
import { makeScratchDirectory } from '../scratch.ts';
import { eicar, startClamd, withClamd } from '../servers/clamd.ts';
import { archiveOf } from './archive-with-password.ts';

/** What nobody can look into is not clean, and its sender is told that it is the password: from a real clamd to what a sender reads. */
const folder = makeScratchDirectory();
const stops: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
after(async () => {
  for (const stop of stops) await stop();
});

const content = Buffer.concat([Buffer.from('Vedtaket ligger ved. '), eicar]);
const [locked, open, clean] = [
  archiveOf('vedtak.txt', content, 'hemmelig'),
  archiveOf('vedtak.txt', content),
  archiveOf('vedtak.txt', Buffer.from('Vedtaket ligger ved.')),
];

let started: Promise<Scanner> | undefined;
function scanner(): Promise<Scanner> {
  started ??= startClamd({ configuration: ['AlertEncrypted yes'] }).then((clamd) => {
    stops.push(clamd.stop);
    return clamd.scanner;
  });
  return started;
}
const verdict = async (bytes: Buffer) => (await scanner()).scan(Readable.from([bytes]));

test('given the archive of these tests, when Debian opens it, then it takes the password and no other', {
  skip: existsSync('/usr/bin/unzip') ? false : 'unzip is not installed',
}, () => {
  const path = join(folder, 'locked.zip');
  writeFileSync(path, locked);
  assert.ok(execFileSync('unzip', ['-p', '-P', 'hemmelig', path]).equals(content));
  assert.throws(() => execFileSync('unzip', ['-p', '-P', 'feil', path], { stdio: 'pipe' }));
});

test(
  'given an archive with a password, when clamd scans it, then that is a verdict of its own; one that is open is looked into',
  withClamd,
  async () => {
    assert.deepEqual(await verdict(locked), { malware: 'Heuristics.Encrypted.Zip', isEncrypted: true });
    assert.deepEqual(await verdict(open), { malware: 'Eicar-Test-String.UNOFFICIAL' });
    assert.equal(await verdict(clean), 'clean');
  },
);

test(
  'given a letter with such an archive, when it is scanned, then letter and attachment have failed, and the sender reads that it is the password',
  withClamd,
  async () => {
    const town = await letters.createTown();
    const ctx = { ...town.world.ctx, scanner: await scanner() };
    const attachments = [{ fileName: 'vedtak.zip', sendersReference: 'a' }];
    const sent = await letters.sendAll(town, letters.letter([town.citizen], { content: { attachments } }), [
      await town.world.file('vedtak.zip', locked),
    ]);
    const [attachment] = sent.attachmentIds;
    const id = sent.correspondences[0]!.correspondenceId;

    await scanAndSettle(ctx, attachment as never);

    const told = 'Malware scan failed: Encrypted. The file, or one within it, has a password and cannot be scanned.';
    const [row] = await letters.rows<{ state: string; text: string; failure: string; verdict: string; scanner: string }>(
      town,
      sql`select a.state, (select s.text from correspondence.attachment_status s where s.attachment_id = a.id and s.status = 'Failed') as text,
               (select i.failure from watch.item i where i.about = ${id}) as failure, e.core::jsonb ->> 'result' as verdict, e.core::jsonb ->> 'scanner' as scanner
          from correspondence.attachment a join evidence.evidence e on e.about = a.id and e.core::jsonb ? 'result' where a.id = ${attachment}`,
    );
    assert.deepEqual(row, { state: 'Failed', text: told, failure: 'format', verdict: 'encrypted', scanner: 'clamd' });
    assert.equal(await letters.stateOf(town, id), 'Failed');
    await town.world.nothingWritten(() => scanAndSettle(ctx, attachment as never));
  },
);

test(
  'given a file transfer of such an archive, when it is scanned, then it has failed, and its sender reads that it is the password',
  withClamd,
  async () => {
    const town = await files.createTown();
    const wire = await files.openWire(town);
    const made = (await (
      await wire.json('POST', '/filetransfer', 'sender', files.transferOf(town, { disableVirusScan: false }))
    ).json()) as {
      fileTransferId: FileTransferId;
    };
    const id = made.fileTransferId;
    assert.equal((await wire.request('POST', `/filetransfer/${id}/upload`, 'sender', { body: locked, headers: files.octets })).status, 200);

    await scanTransfer({ ...town.ctx, scanner: await scanner() }, id);

    const told = (await (await wire.request('GET', `/filetransfer/${id}`, 'sender')).json()) as Record<string, string>;
    assert.equal(told.fileTransferStatus, 'Failed');
    assert.match(told.fileTransferStatusText!, /^Malware scan failed: Encrypted\. .*has a password/);
  },
);
