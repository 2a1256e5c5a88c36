import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditPage } from '#access/index.ts';
import { dialogIdOf } from '#correspondence/index.ts';
import { purgeMessage } from '#correspondence/read/purge-message.ts';
import { createTown, letter, send } from '#correspondence/testing/town.ts';
import type { Caller } from '#kernel/context.ts';
import { newId } from '#kernel/ids.ts';
import type { AnyRoute } from '#kernel/route.ts';
import { organizationCaller, personCaller } from '../../test/world.ts';
import { accessRoutes } from '../access/routes.ts';
import { openWire } from '../access/testing/wire.ts';
import { brokerRoutes } from '../broker/routes.ts';
import { correspondenceRoutes } from '../correspondence/routes.ts';
import { dialogRoutes } from '../dialogs/routes.ts';
import { inboxRoutes } from './routes.ts';

const town = await createTown();
const { world } = town;
const curious = await world.person('NYSGJERRIG NABO');
await world.resource('filer', town.agency, { type: 'BrokerService', senders: 'any', readers: ['DAGL', 'organization'], broker: {} });
const scopes = ['altinn:correspondence.read', 'altinn:portal/enduser', 'digdir:dialogporten', 'altinn:broker.read'];
const reading = (caller: Caller): Caller => ({ ...caller, issuer: 'altinn', scopes: new Set(scopes) });
const callers: Record<string, Caller> = {
  leader: reading(town.leading),
  curious: reading(personCaller(curious)),
  sender: organizationCaller(town.agency, ['altinn:broker.write', 'altinn:broker.read']),
};
const wire = await openWire(
  { ctx: { ...world.ctx, approvalNeeded: false, publicUrl: 'https://post.example' } as typeof world.ctx },
  callers,
  [...accessRoutes, ...correspondenceRoutes, ...dialogRoutes, ...inboxRoutes, ...brokerRoutes] as AnyRoute[],
);
const attempts = async (about: string, at = town.municipality): Promise<(string | null)[]> => {
  const answer = await wire.send('GET', `/budstikke/v1/audit?party=0192:${at.number}&kind=attempt&about=${about}`, 'leader');
  return answer.json<AuditPage>().entries.map(({ who, action }) => `${who.name} ${action}`);
};
const inbox = (id: string) => `/budstikke/v1/inbox/${id}`;
const dialog = (id: string) => `/dialogporten/api/v1/enduser/dialogs/${dialogIdOf(id as never)}`;

test('given a letter, when a neighbour tries it by the inbox and by its dialog, then whoever answers for access at the recipient sees each attempt', async () => {
  const byInbox = await send(town, letter([town.municipality]));
  for (const [method, path] of [
    ['GET', ''],
    ['GET', '/why'],
    ['GET', '/seen-by'],
    ['POST', '/labels'],
    ['POST', '/share'],
  ] as const) {
    const body =
      path === '/labels'
        ? { set: ['archive'] }
        : path === '/share'
          ? { nationalIdentityNumber: town.citizen.number, lastName: 'Feil' }
          : undefined;
    const answer = await wire.send(method, inbox(byInbox) + path, 'curious', body);
    assert.deepEqual([path, answer.status, answer.code], [path, 404, 9552], answer.text);
  }
  assert.deepEqual(
    (await attempts(byInbox)).sort(),
    ['label', 'look', 'share'].map((act) => `NYSGJERRIG NABO ${act}`),
  );

  const byDialog = await send(town, letter([town.municipality]));
  for (const path of [
    '',
    '/activities',
    `/activities/${newId()}`,
    '/transmissions',
    `/transmissions/${newId()}`,
    '/seenlog',
    '/context/labellog',
  ])
    assert.equal((await wire.send('GET', dialog(byDialog) + path, 'curious')).code, 9850, path);
  const label = { addLabels: ['archive'] };
  assert.equal((await wire.send('PUT', `${dialog(byDialog)}/context/systemlabels`, 'curious', label)).code, 9850);
  assert.deepEqual(
    (await attempts(byDialog)).sort(),
    ['label', 'look'].map((act) => `NYSGJERRIG NABO ${act}`),
  );
});

test('given two letters, when labels are set on both at once by one who may read neither, then both recipients see it', async () => {
  const ids = [await send(town, letter([town.municipality])), await send(town, letter([town.municipality]))];
  const body = { dialogs: ids.map((id) => ({ dialogId: dialogIdOf(id) })), addLabels: ['archive'] };
  const answer = await wire.send('POST', '/dialogporten/api/v1/enduser/dialogs/context/systemlabels/actions/bulkset', 'curious', body);
  assert.equal(answer.code, 9850, answer.text);
  for (const id of ids) assert.deepEqual(await attempts(id), ['NYSGJERRIG NABO label']);
});

test('given a file to two, when a neighbour looks at it, fetches and confirms it, then both of those who lead its recipients see each attempt', async () => {
  const second = await world.organization('PORSGRUNN KOMMUNE');
  await world.role(town.leader, 'DAGL', second);
  const id = (party: { number: string | null }) => `0192:${party.number}`;
  const made = await wire.send('POST', '/broker/api/v1/filetransfer', 'sender', {
    ...{ fileName: 'sak.zip', resourceId: 'filer', sendersFileTransferReference: 'sak-1', sender: id(town.agency), propertyList: {} },
    ...{ recipients: [town.municipality, second].map(id), disableVirusScan: true },
  });
  const { fileTransferId } = made.json<{ fileTransferId: string }>();
  const path = `/broker/api/v1/filetransfer/${fileTransferId}`;
  const tryIt = async () => {
    for (const [method, what] of [
      ['GET', ''],
      ['GET', '/details'],
      ['GET', '/download'],
      ['POST', '/confirmdownload'],
    ] as const)
      assert.ok((await wire.send(method, path + what, 'curious')).status >= 400, what);
  };
  await tryIt();
  assert.deepEqual(await attempts(fileTransferId), [], 'it has not come yet');
  const bytes = { 'content-type': 'application/octet-stream' };
  assert.equal((await wire.send('POST', `${path}/upload`, 'sender', new Blob(['bytene']), bytes)).status, 200);
  await tryIt();
  for (const at of [town.municipality, second])
    assert.deepEqual(
      (await attempts(fileTransferId, at)).sort(),
      ['confirm', 'download', 'look'].map((act) => `NYSGJERRIG NABO ${act}`),
      at.name,
    );
});

test('given a letter that is published in five days or has been taken back, when it is tried, then the log of its recipient says nothing of it', async () => {
  const later = new Date(world.ctx.now().getTime() + 5 * 86_400_000).toISOString();
  const id = await send(town, letter([town.municipality], { requestedPublishTime: later }));
  const path = `/correspondence/api/v1/correspondence/${id}`;
  for (const way of [path, `${path}/content`, inbox(id), dialog(id)]) assert.ok((await wire.send('GET', way, 'curious')).status >= 400);
  await purgeMessage(world.ctx, town.sender, id);
  await wire.send('GET', `${path}/content`, 'curious');
  assert.deepEqual(await attempts(id), []);
});
