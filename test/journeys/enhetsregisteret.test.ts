import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Client, createClient, enterpriseToken, organizationUrn } from '../../demo/client.ts';
import { heldBy, rolesAt, subunit, unit, writeFile } from '../../server/enhetsregister/testing/generate.ts';
import { freePort, type Started, startCommand, startProgram } from '../process.ts';
import { makeScratchDirectory } from '../scratch.ts';
import { accepted, api, letter, people, senderScopes, town } from '../wire/town.ts';

/** An operator reads the register in beside a running server, and post that lies unread learns of it. */

const command = fileURLToPath(new URL('../../cli/budstikke', import.meta.url));
const folder = makeScratchDirectory();
let env: Record<string, string>;
let server: Started;
let sender: Client;

before(async () => {
  const port = await freePort();
  env = {
    BUDSTIKKE_DATA_DIR: join(folder, 'data'),
    BUDSTIKKE_PORT: String(port),
    BUDSTIKKE_SANDBOX_TOWN: 'none',
    BUDSTIKKE_SANDBOX_IMPLICIT: 'none',
  };
  server = startProgram(new URL('../../server/main.ts', import.meta.url), [], { env });
  await server.waitFor(/is ready/);
  const client = createClient(`http://127.0.0.1:${port}`);
  const seeded = await client.post('/budstikke/v1/sandbox/seed', town);
  assert.equal(seeded.status, 200, seeded.text);
  sender = client.with(await enterpriseToken(client, people.directorate, [...senderScopes]));
});

after(async () => {
  server.child.kill('SIGTERM');
  await server.ended;
  rmSync(folder, { recursive: true, force: true });
});

async function readIn(files: Record<string, readonly object[]>, ...more: string[]): Promise<{ code: unknown; said: string }> {
  const args: string[] = [];
  for (const [kind, items] of Object.entries(files)) {
    const path = join(folder, `${kind}.json.gz`);
    await writeFile(path, items);
    args.push(`--${kind}`, path);
  }
  return importing(...args, ...more);
}

async function importing(...args: string[]): Promise<{ code: unknown; said: string }> {
  const started = startCommand(command, ['import', 'enhetsregisteret', ...args], { env: { PATH: '/usr/bin:/bin', ...env } });
  return { code: await started.ended, said: started.said() };
}

const classOf = async (message: string): Promise<string> =>
  (await sender.get(`/budstikke/v1/correspondence/${message}/watch`)).json<{ class: string }>().class;

const units = [people.directorate, people.municipality, people.emptyHouse].map((number, i) => unit(number, i));
const managed = (person: object) => [rolesAt(people.emptyHouse, heldBy.person('DAGL', '1965-06-28', {}, person))];

test('given post that nobody can open, when the register says who leads the recipient, then the watch knows at once, and again when that one is gone', async () => {
  const sent = await sender.post(
    `${api}/correspondence`,
    letter('register', { request: { recipients: [organizationUrn(people.emptyHouse)] } }),
  );
  const message = accepted(sent).correspondences[0]!.correspondenceId;
  assert.equal(await classOf(message), 'UNREACHABLE');

  const first = await readIn({
    units,
    subunits: [subunit('313600947', 1, people.emptyHouse)],
    roles: managed({ fodselsnummer: people.stranger }),
  });
  assert.equal(first.code, 0, first.said);
  assert.match(first.said, /\b1 {2}organizations that are new\n.*\n(?:.*\n)*\s+1 {2}roles that are new/);
  assert.match(await classOf(message), /^(COLD|REACHABLE)$/);

  const dry = await readIn({ roles: managed({ fodselsdato: '1980-01-01' }) }, '--dry-run');
  assert.match(dry.said, /Nothing was changed\..*\b1 {2}roles that have ended/s);
  assert.match(await classOf(message), /^(COLD|REACHABLE)$/);
  const gone = await readIn({ roles: managed({ fodselsdato: '1980-01-01' }) });
  assert.match(gone.said, /\b1 {2}roles that have ended/);
  assert.equal(await classOf(message), 'UNREACHABLE');
  assert.ok(!`${first.said}${gone.said}${server.said()}`.includes(people.stranger), 'no number of a person is said');
});

test('given a call that cannot be, when it is made, then it says what is missing, with exit code 1', async () => {
  const [none, absent] = [await importing(), await importing('--units', join(folder, 'none.json.gz'))];
  assert.deepEqual([none.code, absent.code], [1, 1]);
  assert.match(none.said, /give --units, --subunits, --roles/);
  assert.match(absent.said, /none\.json\.gz cannot be read: ENOENT/);
  assert.match((await importing('--help')).said, /--dry-run.*--accept-loss/s);
});
