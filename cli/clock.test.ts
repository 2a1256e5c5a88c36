import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { freePort, type Started, startCommand, startProgram } from '../test/process.ts';
import { makeScratchDirectory } from '../test/scratch.ts';

const folder = makeScratchDirectory();
const command = fileURLToPath(new URL('./budstikke', import.meta.url));
let server: Started;
let url: string;

before(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  server = startProgram(new URL('../server/main.ts', import.meta.url), [], {
    env: { BUDSTIKKE_DATA_DIR: join(folder, 'data'), BUDSTIKKE_PORT: String(port), BUDSTIKKE_LOG_LEVEL: 'error' },
  });
  await server.waitFor(/is ready/);
});

after(async () => {
  server.child.kill('SIGTERM');
  await server.ended;
  rmSync(folder, { recursive: true, force: true });
});

async function budstikke(...args: string[]): Promise<{ code: unknown; said: string }> {
  const started = startCommand(command, args, { env: { PATH: '/usr/bin:/bin' } });
  return { code: await started.ended, said: started.said() };
}

test('given a sandbox, when its clock is asked for and moved, then both tell the time, and a duration that is none is refused with its reason', async () => {
  const before = await budstikke('clock', '--url', url);
  const moved = await budstikke('clock', 'advance', 'P7D', '--url', url);
  const after = await budstikke('clock', '--url', url);
  const refused = await budstikke('clock', 'advance', 'P1M', '--url', url);

  assert.deepEqual([before.code, moved.code, after.code, refused.code], [0, 0, 0, 1], moved.said);
  assert.match(before.said, /^It is \S+Z, as everywhere\.$/m);
  assert.match(moved.said, /^It is \S+Z in the sandbox, P7D ahead of the real time\.$/m);
  assert.match(after.said, /P7D ahead/);
  assert.match(refused.said, /^The clock was not moved as wished \(400\): .*P30D/m);
});

test('given no sandbox at the address, when the clock is asked for, then that is said without a stack', async () => {
  const { code, said } = await budstikke('clock', 'advance', 'P7D', '--url', `http://127.0.0.1:${await freePort()}`);

  assert.equal(code, 1);
  assert.match(said, /^Nothing answers at http/m);
});
