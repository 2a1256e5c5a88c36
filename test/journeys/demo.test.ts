import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { until } from '../../demo/wait.ts';
import { stopWhenInterrupted } from '../wire/server.ts';

const project = resolve(import.meta.dirname, '../..');

let temporary: string;
before(() => {
  temporary = mkdtempSync(join(tmpdir(), 'budstikke-test-demo-'));
  chmodSync(temporary, 0o711);
});
after(() => rmSync(temporary, { recursive: true, force: true }));

interface Demo {
  readonly child: ChildProcess;
  readonly printed: () => string;
  readonly ended: Promise<{ code: number | null; signal: string | null }>;
}

/** The demo as npm runs it, in a temporary directory that is ours, so that we see what it leaves behind. */
function startDemo(...options: string[]): Demo {
  const { NODE_TEST_CONTEXT: _, ...inherited } = process.env;
  const child = spawn(process.execPath, [join(project, 'demo/main.ts'), ...options], {
    env: { ...inherited, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  stopWhenInterrupted(async () => {
    if (child.kill('SIGTERM')) await once(child, 'close');
    rmSync(temporary, { recursive: true, force: true });
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
  return {
    child,
    printed: () => text,
    ended: once(child, 'close').then(([code, signal]) => ({ code: code as number | null, signal: signal as string | null })),
  };
}

const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`);
const serverPidIn = (text: string): number => Number(/\(process (\d+)\)/.exec(text)?.[1]);
const leftBehind = (): string[] => readdirSync(temporary).filter((name) => name.startsWith('budstikke-demo-'));

test('given a machine with nothing but the project, when the demo is run, then all its rows are true and it leaves nothing behind', async () => {
  const demo = startDemo();

  const { code } = await demo.ended;

  assert.equal(code, 0, demo.printed());
  assert.match(demo.printed(), /The letter that nobody may open/);
  assert.match(demo.printed(), /The tax letter/);
  assert.match(demo.printed(), /is reminded by e-mail/);
  assert.match(demo.printed(), /The file that is cut off/);
  assert.match(demo.printed(), /All \d+ rows are true\./);
  assert.ok(!demo.printed().includes('✗'));
  assert.ok(!isAlive(serverPidIn(demo.printed())), 'the server still runs');
  assert.deepEqual(leftBehind(), []);
});

test('given a demo in the middle of its stories, when Ctrl-C comes twice, then it stops in order and leaves nothing behind', async () => {
  const demo = startDemo();
  await until('the first row', async () => assert.match(demo.printed(), /✓/));
  const pid = serverPidIn(demo.printed());
  assert.ok(isAlive(pid));

  demo.child.kill('SIGINT');
  demo.child.kill('SIGINT');
  const { code, signal } = await demo.ended;

  assert.deepEqual([code, signal], [130, null], demo.printed());
  assert.ok(!isAlive(pid), 'the server still runs');
  assert.deepEqual(leftBehind(), []);
});

test('given a demo that has only begun, when Ctrl-C comes while the server starts, then it leaves nothing behind', async () => {
  const demo = startDemo();
  await until('the folder', async () => assert.equal(leftBehind().length, 1));

  demo.child.kill('SIGINT');
  const { code } = await demo.ended;

  assert.equal(code, 130, demo.printed());
  assert.deepEqual(leftBehind(), []);
});

test('given a request for help or a wish that makes no sense, when it is run, then it says how and starts nothing', async () => {
  const help = startDemo('--help');
  assert.equal((await help.ended).code, 0);
  assert.match(help.printed(), /--port/);
  for (const options of [['--port', 'x'], ['--port', '70000'], ['--colour']]) {
    const wrong = startDemo(...options);
    assert.equal((await wrong.ended).code, 2, options.join(' '));
    assert.match(wrong.printed(), /--keep/);
  }
  assert.deepEqual(leftBehind(), []);
});
