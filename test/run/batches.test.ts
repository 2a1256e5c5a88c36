import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { inBatches } from './batches.ts';
import { theDearest } from './dearest.ts';
import { type FileRun, runFiles } from './run-files.ts';

const root = join(import.meta.dirname, '../..');

test('given the list of the dearest files, when files are put in batches, then those come first as the list has them, then those that share, then those that want to be alone', () => {
  const [first, second] = theDearest;
  const many = Array.from({ length: 9 }, (_, i) => `file-${i}`);
  const textOf = (file: string): string => (file === 'z-alone' || file === 'a-alone' ? 'await startOwnServer(' : '');

  const batches = inBatches(['z-alone', ...many, second!, 'a-alone', first!], textOf);

  assert.deepEqual(batches, [[first], [second], many.slice(0, 8), many.slice(8), ['a-alone'], ['z-alone']]);
  assert.deepEqual(
    theDearest.filter((file) => !existsSync(join(root, file))),
    [],
  );
});

/** Files of tests, run in one process; what became of each, by its name. */
async function runTogether(files: Readonly<Record<string, string>>): Promise<Record<string, Omit<FileRun, 'file' | 'seconds'>>> {
  const folder = await mkdtemp(join(tmpdir(), 'budstikke-batch-'));
  try {
    for (const [name, text] of Object.entries(files))
      await writeFile(join(folder, name), `const { test, after } = require('node:test');\n${text}`);
    const options = { root: folder, filesAtOnce: 1, filesAtLeast: 1, browsersAtOnce: 1, signal: new AbortController().signal };
    const ran = await runFiles([Object.keys(files)], options, () => {});
    return Object.fromEntries(ran.map(({ file, seconds, ...became }) => [file, became]));
  } finally {
    await rm(folder, { recursive: true });
  }
}

const good = `test('good', () => {}); test('later', { skip: 'not today' }, () => {});`;
const passed = { passed: 1, failures: [], skipped: ['later (not today)'] };

test('given files that share a process, when one has a test that fails, one cannot be loaded and one fails when it is over, then each is told of by its name and the others pass', async () => {
  const became = await runTogether({
    'a.cjs': good,
    'b.cjs': `test('bad', () => { throw new TypeError('no'); }); test('well', () => {});`,
    'c.cjs': `test('never counted', () => {}); throw new Error('not loaded');`,
    'd.cjs': `test('well', () => {}); after(() => { throw new Error('too late'); });`,
    'e.cjs': good,
  });

  assert.deepEqual([became['a.cjs'], became['e.cjs']], [passed, passed]);
  assert.deepEqual(
    ['b.cjs', 'c.cjs', 'd.cjs'].map((name) => [name, became[name]?.failures.length]),
    [
      ['b.cjs', 1],
      ['c.cjs', 1],
      ['d.cjs', 1],
    ],
  );
  assert.deepEqual(became['b.cjs']?.failures, ['bad']);
});

test('given files that share a process, when it ends before all is told, or something fails outside of every test, then none of them passes', async () => {
  const ends = await runTogether({ 'a.cjs': good, 'b.cjs': `test('ends', () => process.exit(0));` });
  const fails = await runTogether({
    'a.cjs': good,
    'b.cjs': `test('sows', () => void setTimeout(() => { throw new Error('late'); }, 50));`,
  });

  for (const became of [ends, fails])
    assert.deepEqual(
      Object.values(became).map(({ failures }) => failures.length),
      [1, 1],
    );
});
