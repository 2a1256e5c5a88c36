import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** docs/access.md says what access does: each row of its tables of claims names tests that prove it. */

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const cellsOf = (line: string): string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

interface Claim {
  readonly line: number;
  readonly said: string;
  readonly proofs: readonly string[];
}

/** Rows of those tables whose last column is called `proof`. */
function claims(): Claim[] {
  const found: Claim[] = [];
  let proves = false;
  for (const [i, line] of read('docs/access.md').split('\n').entries()) {
    if (!line.startsWith('|')) proves = false;
    else if (cellsOf(line).at(-1) === 'proof') proves = true;
    else if (proves && !line.startsWith('|---')) {
      const cells = cellsOf(line);
      found.push({ line: i + 1, said: cells[0]!, proofs: cells.at(-1)!.split('<br>') });
    }
  }
  return found;
}

const titleCall = /\btest\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/g;
const titlesOf = (path: string): string[] => [...read(path).matchAll(titleCall)].map(([, , title]) => title!.replaceAll("\\'", "'"));

test('given the page on access, when its claims are counted, then there are those of administrators, of 2023 and of engineers', () => {
  assert.ok(claims().length >= 30);
  for (const heading of ['For those who administer access', 'What happened in 2023, and what happens here', 'For engineers'])
    assert.ok(read('docs/access.md').includes(`## ${heading}`), heading);
});

for (const { line, said, proofs } of claims()) {
  test(`given the claim in line ${line} of the page on access, when its proof is looked for, then there is a test of that name: ${said.slice(0, 60)}`, () => {
    for (const proof of proofs) {
      const [, path, words] = /^`(\S+\.test\.ts) › (.+)`$/.exec(proof) ?? [];
      assert.ok(path && words, `${proof} does not name a test`);
      assert.ok(existsSync(join(root, path)), path);
      assert.ok(
        titlesOf(path).some((title) => title.includes(words)),
        `${path} has no test of “${words}”`,
      );
    }
  });
}
