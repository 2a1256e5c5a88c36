import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLaborious } from './laborious.ts';

test('given texts that would break the parser or keep it busy, when they are looked at, then they are found', () => {
  const longest = 29_800;
  for (const piece of [
    '1) ',
    '> ',
    '>',
    '- ',
    '* ',
    '_a',
    '*a',
    '[',
    '![a',
    '<a ',
    '`a',
    '\\a',
    '[a](',
    'a@b.c ',
    'http://a.',
    '|a',
    '| ',
    'a\n',
    '    a\n',
  ]) {
    const text = piece.repeat(longest / piece.length);
    assert.ok(isLaborious(text) || isLaborious(`- ${text}`), JSON.stringify(piece));
  }
  const deep = Array.from({ length: 200 }, (_, level) => `${'  '.repeat(level)}- a`).join('\n');
  assert.ok(isLaborious(deep));
  assert.ok(isLaborious(`${'|a'.repeat(1000)}|\n${'|-'.repeat(1000)}|\n${'|\n'.repeat(500)}`), 'a table whose rows are filled up');
});

test('given long letters as people write them, when they are looked at, then they are laid out', () => {
  const letter =
    '## Vedtak\n\nVi viser til *søknaden* din av 3. mars, og til [reglene](https://skatt.example/regler).\n\n- En ting\n  - og en til\n\n';
  const table = `| Måned | Beløp | Merknad |\n|---|---|---|\n${'| Januar | 1 200,00 | (se over) |\n'.repeat(200)}`;
  const links = '- [Kommune](https://kommune.example/a/b)\n'.repeat(100);
  const quoted = '> > > Svar på svar på svar\n'.repeat(50);
  for (const text of [letter.repeat(150), table, links, quoted, '']) assert.equal(isLaborious(text), false, text.slice(0, 40));
});
