import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Line, longestLine, readLines } from './read-lines.ts';

async function linesOf(...chunks: readonly Buffer[]): Promise<Line[]> {
  const lines: Line[] = [];
  for await (const some of readLines(Readable.from(chunks))) lines.push(...some);
  return lines;
}
const texts = (lines: readonly Line[]): string[] => lines.map((line) => ('text' in line ? line.text : line.wrong));

test('given any texts, however they are cut, when their lines are read, then they are what was written', async () => {
  const line = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => !text.includes('\n'));
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 8 }), fc.array(fc.nat(50), { maxLength: 10 }), async (lines, sizes) => {
      const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
      const chunks: Buffer[] = [];
      let at = 0;
      for (const size of sizes) {
        chunks.push(bytes.subarray(at, at + size));
        at += size;
      }
      chunks.push(bytes.subarray(at));
      assert.deepEqual(texts(await linesOf(...chunks)), lines);
    }),
  );
});

test('given a last line without an end, when it is read, then it is a line, and an end after it makes no other', async () => {
  assert.deepEqual(texts(await linesOf(Buffer.from('a\nb'))), ['a', 'b']);
  assert.deepEqual(texts(await linesOf(Buffer.from('a\nb\n'))), ['a', 'b']);
  assert.deepEqual(texts(await linesOf()), []);
});

test('given a line of the greatest length and one longer, when they are read, then the longer one is told from its neighbours', async () => {
  const longest = 'x'.repeat(longestLine);
  const pieces = Buffer.from(`a\n${longest}\n${longest}${longest}\nb\n`);
  const chunks = Array.from({ length: Math.ceil(pieces.length / 1000) }, (_, i) => pieces.subarray(i * 1000, i * 1000 + 1000));

  assert.deepEqual(texts(await linesOf(...chunks)), ['a', longest, 'tooLong', 'b']);
});
