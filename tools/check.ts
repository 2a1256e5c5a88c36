import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generated, root } from './generated.ts';

/** `npm run check`: types, lint and form, architecture, and that no generated file has drifted from its truth. */

function runs(name: string, command: string, ...args: string[]): boolean {
  const done = spawnSync(join(root, 'node_modules/.bin', command), args, { cwd: root, encoding: 'utf8' });
  const ok = done.status === 0;
  console.log(`${ok ? 'ok  ' : 'FAIL'}  ${name}`);
  if (!ok) console.log(`${done.stdout}${done.stderr}${done.error?.message ?? ''}`);
  return ok;
}

async function isInStep(path: string, print: () => Promise<string>): Promise<boolean> {
  const ok = (await print()) === read(path);
  console.log(`${ok ? 'ok  ' : 'FAIL'}  ${path}${ok ? ' is in step' : ' has drifted: run npm run print and look at what it changed'}`);
  return ok;
}

function read(path: string): string {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    return '';
  }
}

const results = [
  runs('types (tsc)', 'tsc', '-p', '.'),
  runs('types of the web app (tsc)', 'tsc', '-p', 'web'),
  runs('types of its tests (tsc)', 'tsc', '-p', 'web/testing'),
  runs('lint and form (biome)', 'biome', 'check', '--error-on-warnings'),
  runs('architecture', 'node', '--test', 'test/architecture.test.ts'),
];
for (const { path, print } of generated) results.push(await isInStep(path, print));
process.exitCode = results.every(Boolean) ? 0 : 1;
