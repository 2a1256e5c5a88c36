import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startProgram } from '../test/process.ts';
import { scratchDirectory } from '../test/scratch.ts';
import type { Report } from './options.ts';

const main = new URL('main.ts', import.meta.url);

test('given every bench for a moment, when they have run, then all that was answered stands in the database and the bare path left the same rows', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'budstikke-smoke-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const json = join(folder, 'report.json');

  const bench = startProgram(main, ['smoke', '--directory', scratchDirectory(), '--json', json]);

  assert.equal(await bench.ended, 0, bench.said());
  const { runs, faults } = JSON.parse(await readFile(json, 'utf8')) as Omit<Report, 'runs'> & { runs: Report[] };
  assert.deepEqual(faults, []);
  const measured = new Map(runs.map(({ bench: name, runs: each }) => [name, each.length]));
  assert.deepEqual([measured.get('send'), measured.get('send500'), measured.get('inbox')], [3, 2, 6]);
});

test('given a bench that is stopped in the middle, when it has ended, then nothing of its database is left', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'budstikke-stopped-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const bench = startProgram(main, ['send', '--seconds', '60', '--recipients', '40', '--directory', folder]);
  await bench.waitFor(/A town of/);
  const before = await readdir(folder);

  bench.child.kill('SIGINT');

  assert.equal(await bench.ended, 130, bench.said());
  assert.deepEqual([before.length, await readdir(folder)], [1, []]);
});
