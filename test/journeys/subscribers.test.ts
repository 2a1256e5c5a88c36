import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { type Client, enterpriseToken, personUrn } from '../../demo/client.ts';
import { until } from '../../demo/wait.ts';
import { type OwnServer, startOwnServer } from '../wire/server.ts';

/**
 * Two subscribers, one of them dead, and a server that is killed while letters are sent and events delivered: each event has
 * one number, and none is lost.
 */

const agency = '315001285';
const citizen = '10906916350';
const resourceId = 'told-letters';
const town = {
  version: 1,
  parties: [
    { kind: 'organization', number: agency, name: 'Direktoratet for hendelser', orgCode: 'told', unitType: 'ORGL' },
    { kind: 'person', number: citizen, name: 'Ola Borger' },
  ],
  resources: [{ id: resourceId, type: 'CorrespondenceService', owner: agency, title: { nb: 'Brev', nn: 'Brev', en: 'Letters' } }],
};

interface Post {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly event: { readonly id: string; readonly type: string; readonly resourceinstance: string };
}

interface Endpoint {
  readonly url: string;
  readonly posts: Post[];
  isDead: boolean;
  stop(): void;
}

async function startEndpoint(): Promise<Endpoint> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk;
    });
    request.on('end', () => {
      const event = JSON.parse(body) as Post['event'];
      if (endpoint.isDead) {
        response.destroy();
        return;
      }
      if (event.type !== 'platform.events.validatesubscription') endpoint.posts.push({ headers: request.headers, body, event });
      response.writeHead(200).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = (): void => {
    server.closeAllConnections();
    server.close();
  };
  const endpoint: Endpoint = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, posts: [], isDead: false, stop };
  return endpoint;
}

let server: OwnServer;
let endpoints: readonly Endpoint[] = [];
before(async () => {
  server = await startOwnServer('subscribers', town);
  endpoints = [await startEndpoint(), await startEndpoint()];
});
after(async () => {
  for (const endpoint of endpoints) endpoint.stop();
  await server?.stop();
});

const scopes = ['altinn:serviceowner', 'altinn:correspondence.write', 'altinn:events.subscribe'];
const caller = async (): Promise<Client> => server.client.with(await enterpriseToken(server.client, agency, scopes));

interface Status {
  readonly id: number;
  readonly state: string;
  readonly lastNumber: number;
  readonly pending: number;
}

async function subscribe(sender: Client, { url }: Endpoint): Promise<{ id: number; secret: string }> {
  const answer = await sender.post('/budstikke/v1/subscriptions', {
    endPoint: url,
    resourceFilter: `urn:altinn:resource:${resourceId}`,
    typeFilter: 'no.altinn.correspondence.correspondencepublished',
  });
  assert.equal(answer.status, 201, answer.text);
  const made = answer.json<{ id: number; secret: string }>();
  await until('the endpoint to be validated', async () => assert.equal((await statusOf(sender, made.id)).state, 'Active'));
  return made;
}

const statusOf = async (sender: Client, id: number): Promise<Status> =>
  (await sender.get(`/budstikke/v1/subscriptions/${id}`)).json<Status>();

async function sendLetter(sender: Client, key: string): Promise<string | undefined> {
  const answer = await sender
    .post('/correspondence/api/v1/correspondence', {
      idempotentKey: key,
      recipients: [personUrn(citizen)],
      correspondence: {
        resourceId,
        sendersReference: key,
        content: { language: 'nb', messageTitle: 'Brev', messageBody: 'Et brev som noen skal få vite om.' },
      },
    })
    .catch(() => undefined);
  if (answer?.status !== 200) return undefined;
  return answer.json<{ correspondences: { correspondenceId: string }[] }>().correspondences[0]!.correspondenceId;
}

test('given two subscribers, one of them dead, when the server is killed in the middle of it all and started again, then each event has one number and comes to both', async () => {
  const [alive, dead] = endpoints as [Endpoint, Endpoint];
  const sender = await caller();
  const subscriptions = [await subscribe(sender, alive), await subscribe(sender, dead)];
  dead.isDead = true;
  const sent: string[] = [];
  let isCut = false;
  const streams = Array.from({ length: 4 }, async (_, stream) => {
    for (let i = 0; !isCut && i < 500; i++) {
      const id = await sendLetter(sender, `00000000-0000-4000-8000-${String(stream * 1000 + i).padStart(12, '0')}`);
      if (id !== undefined) sent.push(id);
    }
  });
  await until('events to be under way', async () => assert.ok(alive.posts.length >= 20), { seconds: 180 });
  await server.process().kill();
  isCut = true;
  await Promise.all(streams);

  await server.restart();
  dead.isDead = false;
  const again = await caller();
  // Time passes over the lease that the killed server held, and over the pause of the one that was dead.
  await until(
    'everything to be delivered',
    async () => {
      for (const { id } of subscriptions) assert.equal((await statusOf(again, id)).pending, 0);
      for (const { posts } of endpoints) {
        const told = new Set(posts.map(({ event }) => event.resourceinstance));
        assert.deepEqual(
          sent.filter((id) => !told.has(id)),
          [],
        );
      }
    },
    { seconds: 180 },
  );

  for (const [i, { posts }] of endpoints.entries()) {
    const { id, secret } = subscriptions[i]!;
    const numbers = Map.groupBy(posts, ({ headers }) => Number(headers['budstikke-number']));
    const { lastNumber } = await statusOf(again, id);
    assert.deepEqual(
      [...numbers.keys()].sort((a, b) => a - b),
      Array.from({ length: lastNumber }, (_, n) => n + 1),
      'the numbers have no gap',
    );
    for (const copies of numbers.values()) {
      assert.equal(new Set(copies.map(({ event }) => event.id)).size, 1, 'a number is one event');
      assert.ok(copies.length <= 2, 'only what was on the wire at the cut comes twice');
    }
    assert.equal(new Set(posts.map(({ event }) => event.id)).size, lastNumber, 'an event has one number');
    assert.ok(posts.length - lastNumber <= 1, 'one event at a time is on the wire to a subscriber');
    const last = posts.at(-1)!;
    new Webhook(secret).verify(last.body, last.headers as Record<string, string>);
  }
});
