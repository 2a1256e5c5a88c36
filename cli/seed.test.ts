import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
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

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const town = {
  version: 1,
  parties: [{ kind: 'organization', number: '991825827', name: 'Digitaliseringsdirektoratet', orgCode: 'digdir' }],
};

test('given a town document, when it is seeded twice, then the first time tells what was created and the second that nothing changed', async () => {
  const path = file('town.json', JSON.stringify(town));

  const first = await budstikke('seed', path, '--url', url);
  const second = await budstikke('seed', path, '--url', url);

  assert.equal(first.code, 0, first.said);
  assert.match(first.said, /^\s+created\s+updated\s+unchanged\n[\s\S]*^parties\s+1\s+0\s+0$/m);
  assert.match(second.said, /^parties\s+0\s+0\s+1$/m);
});

test('given a document with a member that nobody knows, when it is seeded, then the member is named and the exit code is 1', async () => {
  const { code, said } = await budstikke('seed', file('strange.json', JSON.stringify({ ...town, people: [] })), '--url', url);

  assert.equal(code, 1);
  assert.match(said, /was refused \(400\).*\n?[\s\S]*people/);
});

test('given a file that is no JSON, or none at all, when it is seeded, then that is said', async () => {
  const broken = await budstikke('seed', file('broken.json', '{'), '--url', url);
  const missing = await budstikke('seed', join(folder, 'nowhere.json'), '--url', url);

  assert.deepEqual([broken.code, missing.code], [1, 1]);
  assert.match(broken.said, /broken\.json is not JSON/);
  assert.match(missing.said, /^There is no file .*nowhere\.json\.$/m);
});

test('given nothing answers at the address, when it is seeded, then that is said without a stack', async () => {
  const { code, said } = await budstikke('seed', file('town.json', JSON.stringify(town)), '--url', `http://127.0.0.1:${await freePort()}`);

  assert.equal(code, 1);
  assert.match(said, /^Nothing answers at http:\/\/127\.0\.0\.1:\d+ \(ECONNREFUSED\)\. Is the sandbox running/);
  assert.doesNotMatch(said, / at .*\.ts:/);
});

test('given --help, when it is asked, then the commands are told in plain words', async () => {
  const { code, said } = await budstikke('--help');

  assert.equal(code, 0);
  assert.match(said, /seed .*<town\.json> +loads a town document/);
});
