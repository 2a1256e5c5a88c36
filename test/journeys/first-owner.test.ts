import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createClient } from '../../demo/client.ts';
import { freePort, type Started, startCommand, startProgram } from '../process.ts';
import { makeScratchDirectory } from '../scratch.ts';

/** An operator sets up the first owner beside a running server; the owner's system hands in its key over HTTP. */

const command = fileURLToPath(new URL('../../cli/budstikke', import.meta.url));
const folder = makeScratchDirectory();
let env: Record<string, string>;
let server: Started;

before(async () => {
  const port = await freePort();
  env = {
    BUDSTIKKE_DATA_DIR: join(folder, 'data'),
    BUDSTIKKE_PORT: String(port),
    BUDSTIKKE_SANDBOX_TOWN: 'none',
    BUDSTIKKE_LOG_LEVEL: 'info',
  };
  server = startProgram(new URL('../../server/main.ts', import.meta.url), [], { env });
  await server.waitFor(/is ready/);
});

after(async () => {
  server.child.kill('SIGTERM');
  await server.ended;
  rmSync(folder, { recursive: true, force: true });
});

async function init(...args: string[]): Promise<{ code: unknown; said: string }> {
  const started = startCommand(command, ['admin', 'init', ...args], { env: { PATH: '/usr/bin:/bin', ...env } });
  return { code: await started.ended, said: started.said() };
}

const asked = [
  ...['--organization', '991825827', '--name', 'Direktoratet', '--code', 'digdir'],
  ...['--administrator', '14886498226', '--administrator-name', 'Kari Nordmann', '--client', 'digdir-post'],
];

test('given a new installation, when an owner is set up by command and its key is handed in by the link, then it works once', async () => {
  const { code, said } = await init(...asked);
  assert.equal(code, 0, said);
  const { href, origin, pathname } = new URL(/http:\S+\/budstikke\/v1\/setup\/\S+/.exec(said)?.[0] ?? '');
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  const first = await createClient(origin).post(pathname, { publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }) });
  const second = await createClient(origin).post(pathname, { jwk: publicKey.export({ format: 'jwk' }) });

  assert.equal(first.status, 200, first.text);
  assert.equal(first.json<{ clientId: string }>().clientId, 'digdir-post');
  assert.deepEqual([second.status, second.json<{ errorCode: number }>().errorCode], [404, 9700]);
  assert.ok(!server.said().includes(href.split('/').at(-1)!), 'the log tells the secret of the link');
});

test('given an owner, when another is set up without saying so, then that is refused; what is missing is named at once', async () => {
  const again = await init(...asked);
  const missing = await init('--organization', '991825827');

  assert.deepEqual([again.code, missing.code], [1, 1]);
  assert.match(again.said, /There is an owner already\. Say --another/);
  assert.match(missing.said, /missing: --name, --code, --administrator, --administrator-name, --client\./);
});
