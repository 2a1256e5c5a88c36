import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Answer } from '../../../demo/client.ts';
import { until } from '../../../demo/wait.ts';
import { statisticsKey } from '../server.ts';
import { api, letter, resources } from '../town.ts';
import { type Scene, withFile } from './scene.ts';

/** Does what is refused with the code that it stands under. */
type Provocation = (scene: Scene) => Promise<Answer>;

const message = (id: string, rest = ''): string => `${api}/correspondence/${id}${rest}`;
const attachment = (id: string, rest = ''): string => `${api}/attachment/${id}${rest}`;
const bytes = { mediaType: 'application/octet-stream', bytes: Buffer.from('abc') };

/** A message of the scene's kind, of its own, that can be read. */
async function fresh(scene: Scene, bend: Parameters<typeof letter>[1] = {}): Promise<{ id: string; attachment: string }> {
  const { id, attachments } = await scene.send(...withFile('a.txt', undefined, bend));
  await until('publication', async () => {
    const overview = (await scene.callers.directorate.get(message(id))).json<{ published: string | null }>();
    assert.notEqual(overview.published, null);
  });
  return { id, attachment: attachments[0]! };
}

/** A message that the citizen has read, and may hand on. */
async function readForwardable(scene: Scene): Promise<string> {
  const { id } = await fresh(scene, { correspondence: { allowForwarding: true } });
  const content = await scene.callers.citizen.get(message(id, '/content'));
  assert.equal(content.status, 200, content.text);
  return id;
}

const forward = (scene: Scene, id: string, body: object): Promise<Answer> => scene.callers.citizen.post(message(id, '/forward'), body);
const address = 'venn@wire.example';

/** The same at each operation on a message that somebody looks at or does something to. */
const onMessages = (ask: (scene: Scene, by: keyof Scene['callers'], id: string) => Promise<Answer>): Record<number, Provocation> => ({
  1001: (scene) => ask(scene, 'citizen', randomUUID()),
  4001: (scene) => ask(scene, 'stranger', scene.published),
});
const onAttachments = (ask: (scene: Scene, by: keyof Scene['callers'], id: string) => Promise<Answer>): Record<number, Provocation> => ({
  2001: (scene) => ask(scene, 'directorate', randomUUID()),
  4001: (scene) => ask(scene, 'otherAgency', scene.pendingAttachment),
});

const get =
  (rest: string) =>
  ({ callers }: Scene, by: keyof Scene['callers'], id: string): Promise<Answer> =>
    callers[by].get(message(id, rest));
const post =
  (rest: string, body?: object) =>
  ({ callers }: Scene, by: keyof Scene['callers'], id: string): Promise<Answer> =>
    callers[by].post(message(id, rest), body);

const anAttachment = { resourceId: resources.letters, fileName: 'a.txt', sendersReference: '1' };
const announce =
  (bend: object, by: keyof Scene['callers'] = 'directorate'): Provocation =>
  ({ callers }) =>
    callers[by].post(`${api}/attachment`, { ...anAttachment, ...bend });

const report = (name: string): Record<number, Provocation> => ({
  6003: ({ client }) => client.post(`${api}/statistics/${name}`, { altinn2Included: true }, { 'x-api-key': statisticsKey }),
});

/** Operation → code → what provokes it. */
export const provocations: Readonly<Record<string, Readonly<Record<number, Provocation>>>> = {
  'GET /correspondence': {
    1027: ({ callers }) =>
      callers.directorate.get(`${api}/correspondence?resourceId=${resources.letters}&role=Sender&from=2027-01-01&to=2026-01-01`),
    4001: ({ callers }) => callers.otherAgency.get(`${api}/correspondence?resourceId=${resources.letters}&role=Sender`),
  },
  'GET /correspondence/{correspondenceId}': onMessages(get('')),
  'GET /correspondence/{correspondenceId}/details': onMessages(get('/details')),
  'GET /correspondence/{correspondenceId}/content': onMessages(get('/content')),
  'POST /correspondence/{correspondenceId}/markasread': {
    ...onMessages(post('/markasread')),
    1024: async (scene) => scene.callers.citizen.post(message((await fresh(scene)).id, '/markasread')),
    1040: async (scene) => {
      const id = await readForwardable(scene);
      return scene.callers.citizen.post(message(id, '/markasread'));
    },
  },
  'POST /correspondence/{correspondenceId}/confirm': {
    ...onMessages(post('/confirm')),
    1025: async (scene) => scene.callers.citizen.post(message((await fresh(scene)).id, '/confirm')),
    1041: async (scene) => {
      const id = await readForwardable(scene);
      await scene.callers.citizen.post(message(id, '/confirm'));
      return scene.callers.citizen.post(message(id, '/confirm'));
    },
  },
  'DELETE /correspondence/{correspondenceId}/purge': {
    ...onMessages(({ callers }, by, id) => callers[by].delete(message(id, '/purge'))),
    1013: ({ callers, published }) => callers.directorate.delete(message(published, '/purge')),
    1014: async (scene) => {
      const { id } = await scene.send(letter(randomUUID(), { correspondence: { requestedPublishTime: '2030-01-01T00:00:00Z' } }));
      const first = await scene.callers.directorate.delete(message(id, '/purge'));
      assert.equal(first.status, 200, first.text);
      return scene.callers.directorate.delete(message(id, '/purge'));
    },
    1026: async (scene) => {
      const { id } = await fresh(scene, { correspondence: { isConfirmationNeeded: true, dueDateTime: '2030-01-01T00:00:00Z' } });
      return scene.callers.citizen.delete(message(id, '/purge'));
    },
    1043: async (scene) => {
      const overview = (await scene.callers.directorate.get(message(scene.published))).json<{
        externalReferences: { referenceType: string; referenceValue: string }[];
      }>();
      const dialog = overview.externalReferences.find(({ referenceType }) => referenceType === 'DialogportenDialogId')!;
      const { id } = await scene.send(letter(randomUUID(), { correspondence: { externalReferences: [dialog] } }));
      return scene.callers.directorate.delete(message(id, '/purge'));
    },
  },
  'GET /correspondence/{correspondenceId}/attachment/{attachmentId}/download': {
    1001: ({ callers, linkedAttachment }) => callers.citizen.get(message(randomUUID(), `/attachment/${linkedAttachment}/download`)),
    2001: ({ callers, published }) => callers.citizen.get(message(published, `/attachment/${randomUUID()}/download`)),
    4001: ({ callers, published, linkedAttachment }) =>
      callers.stranger.get(message(published, `/attachment/${linkedAttachment}/download`)),
  },
  'GET /correspondence/{correspondenceId}/attachments/downloadall': {
    ...onMessages(get('/attachments/downloadall')),
    2001: async (scene) => {
      const { id } = await scene.send(letter(randomUUID()));
      await until('publication', async () => assert.equal((await scene.callers.citizen.get(message(id))).status, 200));
      return scene.callers.citizen.get(message(id, '/attachments/downloadall'));
    },
  },
  'POST /correspondence/{correspondenceId}/forward': {
    ...onMessages(post('/forward', { forwardTo: address })),
    3011: async (scene) => forward(scene, await readForwardable(scene), { forwardTo: 'a@b;c' }),
    3027: async (scene) => forward(scene, await readForwardable(scene), { forwardTo: `${'a'.repeat(1000)}@wire.example` }),
    1063: async (scene) => forward(scene, (await fresh(scene)).id, { forwardTo: address }),
    1066: async (scene) => forward(scene, await readForwardable(scene), { forwardTo: address, forwardingText: 'x'.repeat(201) }),
    1067: async (scene) => forward(scene, await readForwardable(scene), { forwardTo: address, forwardingText: '<b>x</b>' }),
    1065: async (scene) => forward(scene, (await fresh(scene, { correspondence: { allowForwarding: true } })).id, { forwardTo: address }),
    1064: async (scene) => {
      const id = await readForwardable(scene);
      const first = await forward(scene, id, { forwardTo: address });
      assert.equal(first.status, 200, first.text);
      return forward(scene, id, { forwardTo: ` ${address.toUpperCase()} ` });
    },
  },
  'GET /correspondence/{correspondenceId}/forward/check': {
    1001: ({ callers }) => callers.checker.get(message(randomUUID(), '/forward/check')),
  },
  'POST /statistics/generate-daily-summary': report('generate-daily-summary'),
  'POST /statistics/download-daily-report': report('download-daily-report'),
  'POST /statistics/generate-and-download-daily-summary': report('generate-and-download-daily-summary'),
  'POST /webhooks/malwarescanresults': {
    2001: ({ client }) => {
      const data = { blobUri: `https://store.example/attachments/${randomUUID()}`, scanResultType: 'No threats found' };
      return client.post(`${api}/webhooks/malwarescanresults`, [
        { id: randomUUID(), eventType: 'Microsoft.Security.MalwareScanningResult', data },
      ]);
    },
  },
  'POST /attachment': {
    1036: announce({ resourceId: 'finnes-ikke' }),
    4001: announce({}, 'otherAgency'),
    4009: announce({ resourceId: resources.files }),
    2010: announce({ fileName: ' ' }),
    2013: announce({ fileName: 'a.exe' }),
    2012: announce({ fileName: 'a?.txt' }),
    2021: announce({ fileName: 'con.txt' }),
    2017: announce({ expirationInDays: 0 }),
  },
  'POST /attachment/{attachmentId}/upload': {
    ...onAttachments(({ callers }, by, id) => callers[by].post(attachment(id, '/upload'), bytes)),
    2004: ({ callers, pendingAttachment }) =>
      callers.directorate.post(attachment(pendingAttachment, '/upload'), { ...bytes, bytes: Buffer.alloc(0) }),
    2005: async (scene) => {
      const id = (await announce({})(scene)).json<string>();
      await scene.callers.directorate.post(attachment(id, '/upload'), bytes);
      return scene.callers.directorate.post(attachment(id, '/upload'), bytes);
    },
    2008: async (scene) => {
      const id = (await announce({ checksum: '0'.repeat(32) })(scene)).json<string>();
      return scene.callers.directorate.post(attachment(id, '/upload'), bytes);
    },
  },
  'GET /attachment/{attachmentId}': onAttachments(({ callers }, by, id) => callers[by].get(attachment(id))),
  'GET /attachment/{attachmentId}/details': onAttachments(({ callers }, by, id) => callers[by].get(attachment(id, '/details'))),
  'GET /attachment/{attachmentId}/download': {
    ...onAttachments(({ callers }, by, id) => callers[by].get(attachment(id, '/download'))),
    2019: ({ callers, purgedAttachment }) => callers.directorate.get(attachment(purgedAttachment, '/download')),
    2016: ({ callers, linkedAttachment }) => callers.directorate.get(attachment(linkedAttachment, '/download')),
  },
  'DELETE /attachment/{attachmentId}': {
    ...onAttachments(({ callers }, by, id) => callers[by].delete(attachment(id))),
    2006: ({ callers, purgedAttachment }) => callers.directorate.delete(attachment(purgedAttachment)),
    2007: ({ callers, linkedAttachment }) => callers.directorate.delete(attachment(linkedAttachment)),
  },
  'GET /confidential-reminders': {
    1062: ({ callers }) => callers.citizen.get(`${api}/confidential-reminders`),
  },
};

/** What comes to pass only when days are over. Tried last: the clock does not go back. */
export const afterDays: typeof provocations = {
  'GET /correspondence/{correspondenceId}/attachment/{attachmentId}/download': {
    2020: ({ callers, expiring, expiredAttachment }) => callers.citizen.get(message(expiring, `/attachment/${expiredAttachment}/download`)),
  },
  'GET /correspondence/{correspondenceId}/attachments/downloadall': {
    2020: ({ callers, expiring }) => callers.citizen.get(message(expiring, '/attachments/downloadall')),
  },
  'GET /attachment/{attachmentId}/download': {
    2020: ({ callers, expiredAttachment }) => callers.directorate.get(attachment(expiredAttachment, '/download')),
  },
  'DELETE /attachment/{attachmentId}': {
    2018: ({ callers, spareAttachment }) => callers.directorate.delete(attachment(spareAttachment)),
  },
};
