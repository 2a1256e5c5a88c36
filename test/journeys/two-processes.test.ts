import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, createClient, organizationUrn, personUrn } from '../../demo/client.ts';
import { makeFolder, type ServerProcess, startServer } from '../../demo/server-process.ts';
import { createTestDatabase } from '../database.ts';
import { accepted, api, type Callers, callersOf, letter, municipalityUrn, people, resources, town } from '../wire/town.ts';

/** Two servers on one database: what one of them changes the other must never miss. */
const confidential = 'post-til-virksomheten-med-taushetsbelagt-innhold';
const rounds = Number(process.env.RACE_ROUNDS ?? 200);
/** Each open letter is looked at anew whenever access changes: of two hundred that would be nearly all that is done here. */
const mostOpen = 20;

const database = await createTestDatabase();
const servers: ServerProcess[] = [];
let [first, second]: Callers[] = [];
const stops: (() => Promise<unknown>)[] = [];

before(async () => {
  for (const name of ['one', 'two']) {
    const folder = await makeFolder(`test-${name}`);
    const environment = {
      ...{ BUDSTIKKE_MODE: 'sandbox', BUDSTIKKE_SANDBOX_IMPLICIT: 'none', BUDSTIKKE_LOG_LEVEL: 'warn' },
      BUDSTIKKE_DATABASE_URL: database.url,
    };
    const server = await startServer({ folder, environment });
    servers.push(server);
    stops.push(async () => {
      await server.stop();
      await folder.remove();
    });
  }
  const clients = servers.map(({ url }) => createClient(url));
  const seeded = await clients[0]!.post('/budstikke/v1/sandbox/seed', town);
  assert.equal(seeded.status, 200, seeded.text);
  [first, second] = await Promise.all(clients.map(callersOf));
});
after(async () => {
  for (const stop of stops) await stop();
});

/** The manager lets the caseworker in, and the id of the grant is answered. */
async function letIn(manager: Client): Promise<string> {
  const answer = await manager.post('/budstikke/v1/grants', {
    ...{ at: organizationUrn(people.municipality), to: personUrn(people.caseworker), lastName: 'Saksbehandler', package: confidential },
  });
  assert.ok(answer.status === 200 || answer.status === 201, answer.text);
  return answer.json<{ id: string }>().id;
}

async function send(sender: Client, reference: string): Promise<string> {
  const sealed = { resourceId: resources.sealed, isConfidential: true };
  const request = letter(reference, { correspondence: sealed, request: { recipients: [municipalityUrn] } });
  return accepted(await sender.post(`${api}/correspondence`, request)).correspondences[0]!.correspondenceId;
}

interface Stored {
  readonly about: string;
  readonly class: string;
  readonly openers: number;
  readonly stored: string;
  readonly current: string;
}

async function watches(ids: readonly string[]): Promise<Stored[]> {
  const { rows } = await database.db.pool.query<Stored>(
    `select i.about, i.class, i.openers, i.access_version::text as stored, v.version::text as current
       from watch.item i join access.party_version v on v.party_id = i.party_id where i.about = any ($1::uuid[])`,
    [ids],
  );
  return rows;
}

/** Letters that must be known to be sealed in the end; then their sender takes them back. */
async function endSealed(ids: readonly string[]): Promise<void> {
  await until('every letter is known to be sealed', async () => (await watches(ids)).every((row) => row.openers === 0));
  const found = await watches(ids);
  assert.deepEqual([found.length, ...new Set(found.map((row) => row.class))], [ids.length, 'GRANTABLE']);
  const recall = { decision: 'recall', name: 'Siv Sender', reason: 'Det var en prøve.', items: ids.map((id) => ({ id })) };
  const answer = await first!.directorate.post('/budstikke/v1/unread/decisions', recall);
  assert.equal(answer.json<{ decided: number }>().decided, ids.length, answer.text);
}

test('given a send at one server and a revocation at the other, when they race two hundred times, then none is accepted as reachable on a version that was gone, and in the end all are known to be sealed', async () => {
  const open: string[] = [];
  let seenOpen = 0;
  for (let round = 0; round < rounds; round += 1) {
    const grant = await letIn(second!.manager);
    const [sender, manager] = round % 2 ? [first!.directorate, second!.manager] : [second!.directorate, first!.manager];
    const revoke = async () => {
      if (round % 5 > 0) await sleep(round % 5); // spread over the time that a send takes; nothing is decided by it
      return manager.delete(`/budstikke/v1/grants/${grant}`);
    };
    const [id, revoked] = await Promise.all([send(sender, `race-${round}`), revoke()]);
    assert.equal(revoked.status, 204, revoked.text);
    open.push(id);

    const [watch] = await watches([id]);
    if (watch!.openers > 0) seenOpen += 1;
    assert.ok(
      watch!.openers === 0 || BigInt(watch!.stored) < BigInt(watch!.current),
      `round ${round}: reachable on the version that nobody is an opener on`,
    );
    if (open.length > mostOpen) await endSealed(open.splice(0, mostOpen)); // the last one may still be to be found out anew
  }
  await endSealed(open);
  assert.ok(seenOpen > 0 && seenOpen < rounds, `${seenOpen} of ${rounds} were accepted while somebody could open: the two did not race`);
});

test('given the last opener of unread post, when it goes and nobody is notified of it, then within a minute one of the servers knows, records it once, and tells the sender once', async () => {
  const grant = await letIn(first!.manager);
  const id = await send(first!.directorate, 'lost-notification');
  await until('the letter is published', async () => {
    const answer = await first!.directorate.get(`${api}/correspondence/${id}`);
    return answer.json<{ status: string }>().status === 'Published';
  });
  assert.ok((await watches([id]))[0]!.openers > 0);

  // Changed behind both servers: no hook runs, nobody is woken.
  const { rows: gone } = await database.db.pool.query<{ at: Date }>(
    'update access.access_grant set revoked_at = clock.now() where id = $1 returning revoked_at as at',
    [grant],
  );
  const lost = async () =>
    (
      await database.db.pool.query<{ at: Date; cause: string }>(
        `select at, core::jsonb ->> 'cause' as cause from evidence.evidence where about = $1 and event = 110`,
        [id],
      )
    ).rows;
  await until('the loss is known', async () => (await lost()).length > 0);
  const known = await lost();
  assert.equal(known.length, 1);
  assert.ok(known[0]!.at.getTime() - gone[0]!.at.getTime() <= 65_000, 'within a minute, and the time that a sweep takes');
  assert.equal(known[0]!.cause, 'unknown', 'nobody told who did it');
  const watch = await second!.directorate.get(`/budstikke/v1/correspondence/${id}/watch`);
  const { openers, class: reach } = watch.json<{ openers: number; class: string }>();
  assert.deepEqual([openers, reach], [0, 'GRANTABLE']);
  const { rows: told } = await database.db.pool.query(
    `select from events.outbox where resource_instance = $1 and type = 'no.budstikke.watch.no-opener' and at >= $2`,
    [id, gone[0]!.at],
  );
  assert.equal(told.length, 1);
});

test('given the last opener of unread post, when the manager takes its right away at the other server, then the sender knows by whom', async () => {
  const grant = await letIn(first!.manager);
  const id = await send(first!.directorate, 'told');
  await second!.manager.delete(`/budstikke/v1/grants/${grant}`);
  const lost = () =>
    database.db.pool.query<{ cause: string; kind: string }>(
      `select core::jsonb ->> 'cause' as cause, who::jsonb -> 'actor' ->> 'kind' as kind from evidence.evidence where about = $1 and event = 110`,
      [id],
    );
  // A watch that a worker holds just then is found out anew by the sweeper, within a minute.
  await until('the loss', async () => (await lost()).rows.length > 0);
  const { rows } = await lost();
  assert.deepEqual(rows, [{ cause: 'revoked', kind: 'person' }]);
});

/** Waits for what must come by itself; a run that hangs is ended by the limit of its file. */
async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let i = 0; !(await holds()); i += 1) {
    assert.ok(i < 1000, `${what} has not come to be`);
    await sleep(100);
  }
}
