import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { stopWhenInterrupted } from '../wire/server.ts';

const project = resolve(import.meta.dirname, '../..');

let temporary: string;
before(() => {
  temporary = mkdtempSync(join(tmpdir(), 'budstikke-test-incident-'));
  chmodSync(temporary, 0o711);
});
after(() => rmSync(temporary, { recursive: true, force: true }));

/** The demo as npm runs it, to its end. */
async function runDemo(...options: string[]): Promise<{ code: number | null; printed: string }> {
  const { NODE_TEST_CONTEXT: _, ...inherited } = process.env;
  const child = spawn(process.execPath, [join(project, 'demo/main.ts'), ...options], {
    env: { ...inherited, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  stopWhenInterrupted(async () => {
    if (child.kill('SIGTERM')) await once(child, 'close');
    rmSync(temporary, { recursive: true, force: true });
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (printed += chunk.toString('utf8')));
  const [code] = await once(child, 'close');
  return { code: code as number | null, printed };
}

/** Numbers of each day's line: sent, nobody yet, nobody at all, told, given, opened, decided, open. */
function daysIn(printed: string): number[][] {
  const lines = printed.split('\n').filter((line) => /^\d{4}-\d\d-\d\d /.test(line));
  return lines.map((line) =>
    line
      .trim()
      .split(/\s+/)
      .slice(1)
      .map((cell) => (cell === '·' ? 0 : Number(cell))),
  );
}

test('given a tenth of what lay unread until 2023, when it is sent once more, then each is flagged and told at once, each ends, and the days add up', async () => {
  const { code, printed } = await runDemo('incident', '--small');

  assert.equal(code, 0, printed);
  assert.ok(!printed.includes('✗'), printed);
  assert.match(printed, /Messages of concern +18 /);
  assert.match(printed, /confidential shipments +40 /);
  assert.deepEqual(
    [...printed.matchAll(/still unread, and nobody has decided +(\d+)/g)].map(([, n]) => n),
    ['0', '0'],
  );
  assert.match(printed, /Politidirektoratet/);
  const days = daysIn(printed);
  const sum = (column: number): number => days.reduce((total, day) => total + day[column]!, 0);
  assert.equal(sum(0), 58);
  assert.ok(sum(3) >= 58, 'senders were not told of each');
  assert.equal(sum(5) + sum(6), 58, 'what is opened and what is decided are not all');
  let open = 0;
  for (const [sent, , , , , opened, decided, left] of days as [number, number, number, number, number, number, number, number][]) {
    open += sent - opened - decided;
    assert.equal(left, open);
  }
  assert.equal(open, 0);
  assert.deepEqual(readdirSync(temporary), []);
});

test('given something to play that there is not, when it is asked for, then the demo says how and starts nothing', async () => {
  for (const options of [['accident'], ['incident', 'incident'], ['--small']]) {
    const { code, printed } = await runDemo(...options);
    assert.equal(code, 2, options.join(' '));
    assert.match(printed, /npm run demo/);
  }
  assert.deepEqual(readdirSync(temporary), []);
});
