import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ceilings, layers } from '../server/layers.ts';

/** The rules of ARCHITECTURE.md that a machine can check, over every source file and every import line, types too. */

const root = fileURLToPath(new URL('..', import.meta.url));
const files = globSync('{server,test,tools,cli,sdk,demo,bench}/**/*.ts', { cwd: root }).sort();

interface SourceFile {
  readonly path: string;
  readonly text: string;
  /** Folder under server/, or '' for a file that stands directly in it. */
  readonly feature: string;
  readonly isTest: boolean;
  readonly imports: readonly string[];
}

const importLine = /(?:^|\n)\s*(?:import|export)\s(?:[^'"`;]*?\sfrom\s)?\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g;

function read(path: string): SourceFile {
  const text = readFileSync(join(root, path), 'utf8');
  const [top, ...below] = path.split('/');
  const feature = top === 'server' && below.length > 1 ? below[0]! : '';
  const imports = [...text.matchAll(importLine)].map((m) => (m[1] ?? m[2])!).filter((to) => to.startsWith('.') || to.startsWith('#'));
  return {
    path,
    text,
    feature,
    isTest: path.endsWith('.test.ts') || below.includes('testing'),
    imports: imports.map((to) => target(path, to)),
  };
}

/** Path of an imported file, from the root of the repository. */
function target(from: string, to: string): string {
  if (to.startsWith('#')) return join('server', to.slice(1));
  return relative(root, resolve(root, dirname(from), to));
}

const sources = files.map(read);
const server = sources.filter((f) => f.path.startsWith('server/'));
const features = server.filter((f) => f.feature !== '' && !f.isTest);
const lineOf = new Map<string, number>(layers.flatMap((names, i) => names.map((name) => [name, i] as const)));

const featureOf = (path: string): string => (path.startsWith('server/') && path.split('/').length > 2 ? path.split('/')[1]! : '');

test('every folder of the server has a place in the import order', () => {
  const unknown = new Set(server.map((f) => f.feature).filter((name) => name !== '' && name !== 'http' && !lineOf.has(name)));
  assert.deepEqual([...unknown], []);
});

test('a folder imports only folders on earlier lines', () => {
  const wrong = features.flatMap((file) =>
    file.imports
      .map((to) => ({ to, feature: featureOf(to) }))
      .filter(({ feature }) => feature !== '' && feature !== file.feature)
      .filter(({ feature }) => !mayImport(file.feature, feature))
      .map(({ to }) => `${file.path} imports ${to}`),
  );
  assert.deepEqual(wrong, []);
});

/** `http` stands beside the lines: it speaks the kernel's words and hands bytes to blobs. */
function mayImport(from: string, to: string): boolean {
  if (from === 'http') return to === 'kernel' || to === 'blobs';
  if (to === 'http') return false;
  return lineOf.get(to)! < lineOf.get(from)!;
}

test('features do not import what stands above them: app, main or settings', () => {
  const wrong = features.flatMap((file) =>
    file.imports.filter((to) => /^server\/[^/]+\.ts$/.test(to)).map((to) => `${file.path} imports ${to}`),
  );
  assert.deepEqual(wrong, []);
});

test('another feature is reached through its index, and nobody inside a feature imports its own', () => {
  const wrong = features.flatMap((file) =>
    file.imports
      .filter((to) => {
        const feature = featureOf(to);
        if (feature === '' || feature === 'kernel') return false;
        return feature === file.feature ? to === `server/${feature}/index.ts` : !/^server\/[^/]+\/(embedded\/)?index\.ts$/.test(to);
      })
      .map((to) => `${file.path} imports ${to}`),
  );
  assert.deepEqual(wrong, []);
});

test('black-box tests, the demo, the command line and the SDK never import the server', () => {
  const outside = sources.filter((f) => /^(test\/wire|demo|cli|sdk)\//.test(f.path));
  const wrong = outside.flatMap((file) => file.imports.filter((to) => to.startsWith('server/')).map((to) => `${file.path} imports ${to}`));
  assert.deepEqual(wrong, []);
});

test('the HTTP library is known to the HTTP adapter only', () => {
  const wrong = server.filter((f) => f.feature !== 'http' && /from ['"](fastify|@fastify\/|@scalar\/)/.test(f.text)).map((f) => f.path);
  assert.deepEqual(wrong, []);
});

const mayHoldSql = (path: string): boolean =>
  /^server\/(db|jobs)\//.test(path) ||
  /\/(store|invariants|queues)\.ts$/.test(path) ||
  /\/store\//.test(path) ||
  path === 'server/kernel/database.ts';

test('SQL stands in stores, invariants, queues and migrations', () => {
  const wrong = server.filter((f) => !f.isTest && !mayHoldSql(f.path) && /\bsql`/.test(f.text)).map((f) => f.path);
  assert.deepEqual(wrong, []);
});

const schemas = new Set([...lineOf.keys()].filter((name) => !['kernel', 'db', 'jobs', 'desk'].includes(name)));

test('a feature names no schema but its own, and the views that others publish', () => {
  const published = new Set(
    globSync('server/db/migrations/*.sql', { cwd: root })
      .flatMap((path) => [...readFileSync(join(root, path), 'utf8').matchAll(/create (?:or replace )?view (\w+\.\w+)/g)])
      .map((m) => m[1]!),
  );
  const wrong = features.flatMap((file) =>
    [...file.text.matchAll(/\bsql`[^`]*`/g)]
      .flatMap(([query]) => [...query.matchAll(/\b(?:from|join|into|update|only)\s+(\w+)\.(\w+)/g)])
      .filter(([, schema, table]) => schemas.has(schema!) && schema !== file.feature && !published.has(`${schema}.${table}`))
      .map(([, schema, table]) => `${file.path} names ${schema}.${table}`),
  );
  assert.deepEqual(wrong, []);
});

test('domain time comes from clock.now() in SQL and from the context in Node', () => {
  const inSql = features
    .filter((f) => !['db', 'jobs', 'blobs'].includes(f.feature))
    .filter((f) => [...f.text.matchAll(/\bsql`[^`]*`/g)].some(([query]) => /(?<!clock\.)\bnow\(\)|current_timestamp/i.test(query)))
    .map((f) => f.path);
  assert.deepEqual(inSql, []);
});

test('a file can be read in a sitting', () => {
  const long = sources
    .map((f) => ({ path: f.path, lines: f.text.split('\n').length, most: f.isTest ? ceilings.test : ceilings.source }))
    .filter((f) => f.lines > f.most)
    .map((f) => `${f.path}: ${f.lines} lines`);
  assert.deepEqual(long, []);
});

test('no file has a name that says nothing', () => {
  const empty = /^(utils?|helpers?|common|manager|service|data|info|misc)\b/;
  assert.deepEqual(
    files.filter((path) => empty.test(basename(path))),
    [],
  );
});

test('what is left to do carries the number of its issue', () => {
  assert.deepEqual(
    sources.filter((f) => /\b(TODO|FIXME|XXX)\b(?!\(#\d+\))/.test(f.text) && f.path !== 'test/architecture.test.ts').map((f) => f.path),
    [],
  );
});

test('a number of our own refuses one thing only', async () => {
  const rows: string[] = [];
  for (const path of files.filter((file) => /^server\/.*errors\.ts$/.test(file))) {
    const catalogues = Object.values((await import(join(root, path))) as object).filter((value) => typeof value === 'object');
    for (const [name, row] of catalogues.flatMap((one) =>
      Object.entries(one as Record<string, { prefix?: string; code?: number; origin?: string }>),
    ))
      if (row?.origin === 'budstikke') rows.push(`${row.prefix}-${row.code} ${name}`);
  }
  assert.ok(rows.length > 200, 'the catalogues are found');
  const named = Map.groupBy(new Set(rows), (row) => row.split(' ')[0]);
  assert.deepEqual(
    [...named.values()].filter((same) => same.length > 1),
    [],
  );
});
