import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ensureWebBuilt, webDist } from './build.ts';
import { holdLock } from './build-lock.ts';

interface Chunk {
  readonly file: string;
  readonly imports?: readonly string[];
  readonly isEntry?: boolean;
}

/** JavaScript that the inbox loads before it is there, in bytes as they travel. */
const mostBytes = 200_000;

before(ensureWebBuilt);

test('given the built app, when the inbox is loaded for the first time, then its scripts are less than 200 kB, in every language', () => {
  const manifest = JSON.parse(readFileSync(join(webDist, 'manifest.json'), 'utf8')) as Record<string, Chunk>;
  const sizeOf = (file: string): number => gzipSync(readFileSync(join(webDist, file))).length;
  const wanted = new Set<string>();
  const take = (name: string): void => {
    const chunk = manifest[name];
    assert.ok(chunk, `${name} is built`);
    if (wanted.has(chunk.file)) return;
    wanted.add(chunk.file);
    for (const other of chunk.imports ?? []) take(other);
  };
  take(Object.keys(manifest).find((name) => manifest[name]!.isEntry)!);
  take('inbox/inbox-page.tsx');
  const languages = ['ui/texts/nn.json', 'ui/texts/en.json'].map((name) => sizeOf(manifest[name]!.file));
  const total = [...wanted].reduce((sum, file) => sum + sizeOf(file), Math.max(...languages));
  assert.ok(total < mostBytes, `${total} bytes: ${[...wanted].join(', ')}`);
});

test('given the built app, when its page and styles are read, then nothing is inline and nothing comes from elsewhere', () => {
  const page = readFileSync(join(webDist, 'index.html'), 'utf8');
  assert.doesNotMatch(page, /<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:/i);
  const names = readdirSync(join(webDist, 'assets'));
  for (const name of names.filter((each) => each.endsWith('.css'))) {
    const styles = readFileSync(join(webDist, 'assets', name), 'utf8');
    assert.doesNotMatch(styles, /@import|url\(["']?https?:/, name);
    assert.doesNotMatch(styles, /url\(["']?data:(?:font|application)/, name);
  }
  assert.deepEqual(
    names.filter((each) => !/-[\w-]{8}\.\w+$/.test(each)),
    [],
    'each file has its hash in its name',
  );
});

test('given an app that is built, when it is asked for again, by several at once, then it is left as it is', async () => {
  const built = await readFile(join(webDist, 'index.html'), 'utf8');
  assert.deepEqual(await Promise.all([ensureWebBuilt(), ensureWebBuilt(), ensureWebBuilt()]), [webDist, webDist, webDist]);
  assert.equal(await readFile(join(webDist, 'index.html'), 'utf8'), built);
});

test('given a lock, when another holds it, then it is not given; when the holder is gone, then it is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'budstikke-lock-'));
  const path = join(folder, 'lock');
  try {
    const release = await holdLock(path);
    assert.ok(release);
    assert.equal(await holdLock(path), null);
    await release();
    await writeFile(path, '2147483646'); // a number that no process has
    assert.equal(await holdLock(path), null, 'what was left behind is taken away');
    const again = await holdLock(path);
    assert.ok(again);
    await again();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
