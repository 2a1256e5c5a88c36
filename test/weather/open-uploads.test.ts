import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { urlVariable } from '../cluster.ts';
import { startProgram } from '../process.ts';

const root = new URL('../../', import.meta.url);
const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { scripts: Record<string, string> };
/** As `npm run weather:open-uploads` does, with Node alone. */
const run = (...args: string[]) =>
  startProgram(new URL(scripts['weather:open-uploads']!.replace('exec node ', ''), root), args, {
    env: { [urlVariable]: process.env[urlVariable] ?? '' },
  });

test('given the run of many open uploads, when it is asked how it is used, or with what it cannot be, then it says what there is to choose', async () => {
  const [asked, wrong] = [run('--help'), run('--connections', '3', '--silent', '3')];

  assert.deepEqual([await asked.ended, await wrong.ended], [0, 2]);
  for (const { said } of [asked, wrong]) assert.match(said(), /npm run weather:open-uploads -- \[options\][\s\S]+--silent <n>/);
  assert.match(wrong.said(), /--connections must be a whole number from 4 up/);
});

test('given forty uploads that are open at once, when some of their connections fall silent, then each file is published whole', {
  timeout: 300_000,
}, async () => {
  const weather = run('--transfers', '40', '--bytes', '4096', '--connections', '8', '--silent', '2');

  assert.equal(await weather.ended, 0, weather.said());
  assert.match(weather.said(), /transfers +40 of 4096 bytes, each published whole[\s\S]+invariants +hold/);
});
