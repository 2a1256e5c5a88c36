import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type Answer, type Body, organizationUrn } from '../../../demo/client.ts';
import { watchOf } from '../../../demo/own-api.ts';
import { until } from '../../../demo/wait.ts';
import { api, letter, municipalityUrn, people, resources } from '../town.ts';
import { send, type Who } from './own-api.ts';
import { type OwnScene, publish, transfer } from './own-scene.ts';

export const v1 = '/budstikke/v1';
export type Provocation = (scene: OwnScene) => Promise<Answer>;
/** One request, after whatever must have been done before. */
export const by =
  (who: Who, method: string, path: string | ((scene: OwnScene) => string), body?: Body | ((scene: OwnScene) => Body)): Provocation =>
  (scene) =>
    send(scene.own[who], method, v1 + (typeof path === 'string' ? path : path(scene)), typeof body === 'function' ? body(scene) : body);

export const nobody = '/0198f0a0-0000-7000-8000-00000000ffff';
export const unknownUrn = organizationUrn('310000000');
export const step = { name: 'si-fra', after: 'P3D', when: [], who: 'openers', channel: 'preferred', text: 'reminder' };
export const backwards = '?from=2026-03-02&to=2026-03-01';
export const ofOthers = `?from=2026-03-01&to=2026-03-02&sender=${people.otherAgency}`;
export const spreads = (path: string) => ({
  'BUD-09713': by('directorate', 'GET', path + backwards),
  'BUD-09728': by('directorate', 'GET', path + ofOthers),
});

export const decide =
  (id: string, decision: string, rest: object = {}) =>
  (scene: OwnScene) =>
    send(scene.own.directorate, 'POST', `${v1}/correspondence/${id}/decision`, {
      decision,
      name: 'Kari',
      reason: 'Det er avtalt.',
      ...rest,
    });
export const decideFresh =
  (decision: string, rest: object = {}): Provocation =>
  async (scene) =>
    decide(await publish(scene), decision, rest)(scene);
export const readLetter = async (scene: OwnScene, correspondence: object = {}): Promise<string> => {
  const id = await publish(scene, { correspondence });
  await scene.callers.citizen.get(`${api}/correspondence/${id}/content`);
  // It is opened when its answer is taken, which is recorded a moment after.
  await until('the opening', async () => assert.ok((await watchOf(scene.own.directorate, id)).openedAt));
  return id;
};

export const gift = {
  at: municipalityUrn,
  to: people.caseworker,
  lastName: 'Saksbehandler',
  package: 'skatt-naering',
};
export const give = (rest: object, who: Who = 'manager'): Provocation => by(who, 'POST', '/grants', { ...gift, ...rest });
export const guessed = [people.caseworker, people.citizen, people.stranger, people.reserved];
export const ofResource = { package: null, resource: resources.letters };
export const past = '2026-01-01T00:00:00Z';

export const share = (rest: object, who: Who = 'manager', which: (scene: OwnScene) => string = ({ plain }) => plain): Provocation =>
  by(who, 'POST', (scene) => `/inbox/${which(scene)}/share`, {
    nationalIdentityNumber: people.caseworker,
    lastName: 'Saksbehandler',
    ...rest,
  });
export const open = (rest: object, who: Who = 'manager'): Provocation =>
  by(who, 'POST', ({ sealed }) => `/sealed/${sealed}/grant`, {
    what: 'package',
    to: people.caseworker,
    lastName: 'Saksbehandler',
    ...rest,
  });

export const mailing = async (scene: OwnScene): Promise<string> => {
  const { correspondence } = letter(randomUUID());
  const made = await send(scene.own.directorate, 'POST', `${v1}/mailings`, { idempotencyKey: randomUUID(), correspondence });
  if (made.status >= 300) throw new Error(made.text);
  return made.json<{ mailingId: string }>().mailingId;
};
export const move = (id: string, what: string, body?: object) => (scene: OwnScene) =>
  send(scene.own.directorate, 'POST', `${v1}/mailings/${id}/${what}`, body);
export const over =
  (what: string): Provocation =>
  async (scene) => {
    const id = await mailing(scene);
    await move(id, 'cancel')(scene);
    return move(id, what, what === 'release' ? {} : undefined)(scene);
  };
export const lines = (id: string, from: number, text: string) => (scene: OwnScene) =>
  scene.own.directorate.post(`${v1}/mailings/${id}/recipients?from=${from}`, {
    mediaType: 'application/x-ndjson',
    bytes: Buffer.from(text),
  });

export const wrongHash = 'f'.repeat(64);
export const confirm =
  (far: Parameters<typeof transfer>[1], body: object = {}, who: Who = 'municipality', headers?: Record<string, string>): Provocation =>
  async (scene) =>
    scene.own[who].post(`${v1}/filetransfer/${await transfer(scene, far)}/confirm`, body, headers);
export const signed = { name: 'Kari', reason: 'Det er avtalt.' };
export const settle =
  (far: Parameters<typeof transfer>[1], path: string, before: object[] = [], body: object = signed): Provocation =>
  async (scene) => {
    const at = `${v1}/filetransfer/${await transfer(scene, far)}/${path}`;
    for (const each of before) await scene.own.directorate.post(at, each);
    return scene.own.directorate.post(at, body);
  };
export const acceptUnfetched = `recipients/${people.municipality}/accept-unfetched`;

export const event = { endPoint: 'https://example.com/x', resourceFilter: `urn:altinn:resource:${resources.letters}` };

export const subscribed =
  (what: string, body?: object): Provocation =>
  async (scene) => {
    const made = await send(scene.own.directorate, 'POST', `${v1}/subscriptions`, {
      ...event,
      endPoint: `https://hooks.example/${randomUUID()}`,
    });
    return send(scene.own.directorate, 'POST', `${v1}/subscriptions/${made.json<{ id: number }>().id}/${what}`, body);
  };

export async function mistype(scene: OwnScene, times: number): Promise<Answer> {
  const body = { party: scene.self, channel: 'email', address: `${randomUUID()}@wire.example` };
  const { id } = (await scene.own.manager.post(`${v1}/contact-addresses`, body)).json<{ id: string }>();
  const type = () => scene.own.manager.post(`${v1}/contact-addresses/proofs/${id}`, { code: '000000' });
  for (let n = 1; n < times; n += 1) await type();
  return type();
}
