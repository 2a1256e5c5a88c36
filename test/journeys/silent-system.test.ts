import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type Client, enterpriseToken, organizationUrn } from '../../demo/client.ts';
import { advanceClock, timelineOf, watchOf } from '../../demo/own-api.ts';
import { until } from '../../demo/wait.ts';
import { type OwnServer, startOwnServer } from '../wire/server.ts';

/** Post that only a system fetches, at a municipality whose system stops. */
const api = '/correspondence/api/v1/correspondence';
const numbers = { agency: '315001358', municipality: '315001498' } as const;
const resource = 'silent-system-brev';
const title = { nb: 'Brev', nn: 'Brev', en: 'Letters' };
const sender = 'etaten@silentsystem.example';
const town = {
  version: 1,
  parties: [
    {
      ...{ kind: 'organization', number: numbers.agency, name: 'Etaten', orgCode: 'silentsystem', unitType: 'ORGL' },
      contactPoints: [{ channel: 'email', address: sender }],
    },
    { kind: 'organization', number: numbers.municipality, name: 'Bygda kommune', unitType: 'KOMM' },
  ],
  resources: [
    { id: resource, type: 'CorrespondenceService', owner: numbers.agency, title, readers: ['organization'], unreachable: 'accept' },
  ],
};

let server: OwnServer;
let [agency, system]: Client[] = [];
before(async () => {
  server = await startOwnServer('silent-system', town);
  const { client } = server;
  agency = client.with(await enterpriseToken(client, numbers.agency, ['altinn:serviceowner', 'altinn:correspondence.write']));
  system = client.with(await enterpriseToken(client, numbers.municipality, ['altinn:correspondence.read']));
});
after(() => server?.stop());

async function send(): Promise<string> {
  const answer = await agency!.post(api, {
    recipients: [organizationUrn(numbers.municipality)],
    correspondence: {
      ...{ resourceId: resource, sendersReference: randomUUID() },
      content: { language: 'nb', messageTitle: 'Vedtak', messageBody: 'Se her.' },
    },
  });
  assert.equal(answer.status, 200, answer.text);
  return answer.json<{ correspondences: { correspondenceId: string }[] }>().correspondences[0]!.correspondenceId;
}

const fetches = () => system!.get(`${api}?resourceId=${resource}&role=Recipient`);

test('given a letter that a system may fetch, when the system has not been seen for 30 days, then its sender is told at once that nobody can open it, and when it comes back it can', async () => {
  assert.equal((await fetches()).status, 200);
  await advanceClock(server.client, 'P28D');
  const id = await send();
  await until('publication', async () => assert.equal((await watchOf(agency!, id)).class, 'REACHABLE'));

  await advanceClock(server.client, 'P3D');
  const silent = await watchOf(agency!, id);
  assert.deepEqual([silent.class, silent.cause], ['UNREACHABLE', 'no-opener']);
  const lost = (await timelineOf(agency!, id)).find(({ event }) => event === 'AccessLost')!;
  assert.equal(lost.core.cause, 'not-seen');
  await until('the sender is told', async () => {
    const told = server.mails.mails.filter(({ to }) => to.includes(sender)).map(({ text }) => text);
    assert.ok(
      told.some((text) => text.includes('1 kan ingen åpne')),
      told.join('\n'),
    );
  });

  assert.equal((await fetches()).status, 200);
  await until('it can be opened again', async () => assert.notEqual((await watchOf(agency!, id)).class, 'UNREACHABLE'));
});
