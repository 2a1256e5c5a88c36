import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(`${root}/${path}`, 'utf8');

test('given an alarm about any invariant, when the operator looks it up, then the page knows it by its name', () => {
  const page = read('docs/operating/alarms.md');
  const names = globSync('server/*/invariants.ts', { cwd: root }).flatMap((path) =>
    [...read(path).matchAll(/\bname: '([^']+)'/g)].map((found) => found[1]!),
  );

  assert.ok(names.length > 20);
  assert.deepEqual(
    names.filter((name) => !page.includes(name)),
    [],
  );
});

test('given the pages for operators, when they point at another, then it is there', () => {
  const lost = globSync('docs/operating/*.md', { cwd: root }).flatMap((path) =>
    [...read(path).matchAll(/\]\(([^)#:]+)\)/g)]
      .map((found) => found[1]!)
      .filter((to) => globSync(`docs/operating/${to}`, { cwd: root }).length === 0),
  );

  assert.deepEqual(lost, []);
});
