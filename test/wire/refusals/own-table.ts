import { randomUUID } from 'node:crypto';
import { organizationUrn } from '../../../demo/client.ts';
import { until } from '../../../demo/wait.ts';
import { letter, municipalityUrn, people, resources } from '../town.ts';
import { send } from './own-api.ts';
import { publish, transfer } from './own-scene.ts';
import {
  acceptUnfetched,
  by,
  confirm,
  decide,
  decideFresh,
  event,
  gift,
  give,
  guessed,
  lines,
  mailing,
  mistype,
  move,
  nobody,
  ofResource,
  open,
  over,
  type Provocation,
  past,
  readLetter,
  settle,
  share,
  signed,
  spreads,
  step,
  subscribed,
  unknownUrn,
  v1,
  wrongHash,
} from './own-ways.ts';

/** Operation → code → what provokes it, where the least that the operation takes does not. */
export const ownProvocations: Readonly<Record<string, Readonly<Record<string, Provocation>>>> = {
  'GET /audit': {
    'BUD-09786': by('manager', 'GET', `/audit?party=${organizationUrn(people.otherAgency)}`),
    'BUD-09790': by('lowly', 'GET', `/audit?party=${municipalityUrn}`),
    'BUD-09100': by('manager', 'GET', '/audit?party=x'),
  },
  'GET /audit/correspondence/{id}': { 'BUD-09790': by('lowly', 'GET', ({ sealed }) => `/audit/correspondence/${sealed}`) },
  'POST /contact-addresses': {
    'BUD-09681': by('manager', 'POST', '/contact-addresses', { party: nobody.slice(1), channel: 'email', address: 'a@wire.example' }),
    'BUD-09691': by('manager', 'POST', '/contact-addresses', ({ self }) => ({
      party: self,
      channel: 'email',
      address: 'a@wire.example',
      at: nobody.slice(1),
    })),
    'BUD-09684': async (scene) => {
      const body = { party: scene.self, channel: 'email', address: 'for.ofte@wire.example' };
      for (let n = 0; n < 3; n += 1) await scene.own.manager.post(`${v1}/contact-addresses`, body);
      return scene.own.manager.post(`${v1}/contact-addresses`, body);
    },
  },
  'POST /contact-addresses/proofs/{id}': {
    'BUD-09685': async (scene) => await mistype(scene, 1),
    'BUD-09686': async (scene) => await mistype(scene, 6),
  },
  'PUT /contact-addresses/quiet-hours': {
    'BUD-09681': by('manager', 'PUT', '/contact-addresses/quiet-hours', {
      party: nobody.slice(1),
      quietHours: { from: '22:00', to: '07:00' },
    }),
  },
  'POST /contact-addresses/{id}/code': {
    'BUD-09684': async (scene) => {
      const own = await scene.own.manager.get(`${v1}/contact-addresses?party=${scene.self}`);
      const { id } = own.json<{ addresses: { id: string }[] }>().addresses[0]!;
      for (let n = 0; n < 3; n += 1) await scene.own.manager.post(`${v1}/contact-addresses/${id}/code`);
      return scene.own.manager.post(`${v1}/contact-addresses/${id}/code`);
    },
  },
  'POST /correspondence/{correspondenceId}/decision': {
    'BUD-09403': async (scene) =>
      decide(await readLetter(scene, { isConfirmationNeeded: true, dueDateTime: '2031-01-01T00:00:00Z' }), 'recall')(scene),
    'BUD-09404': async (scene) => decide(await readLetter(scene), 'accept-as-unread')(scene),
    'BUD-09405': async (scene) => {
      const id = await publish(scene);
      await decide(id, 'accept-as-unread')(scene);
      return decide(id, 'accept-as-unread', { reason: 'Noe annet.' })(scene);
    },
    'BUD-09406': async (scene) => {
      const { id } = await scene.send(
        letter(randomUUID(), { correspondence: { requestedPublishTime: new Date(Date.now() + 86_400_000).toISOString() } }),
      );
      return decide(id, 'accept-as-unread')(scene);
    },
    'BUD-09716': decideFresh('read-elsewhere'),
    'BUD-09717': decideFresh('resend', { to: '310000000' }),
    'BUD-09718': decideFresh('resend', { to: people.reserved }),
  },
  'PUT /correspondence/{correspondenceId}/ladder': {
    'BUD-09608': by('directorate', 'PUT', ({ plain }) => `/correspondence/${plain}/ladder`, { ladder: 'finnes-ikke' }),
    'BUD-09609': by('directorate', 'PUT', ({ plain }) => `/correspondence/${plain}/ladder`, { steps: [step, step] }),
    'BUD-09611': by('directorate', 'PUT', ({ plain }) => `/correspondence/${plain}/ladder`, { ladder: 'ks-paper' }),
    'BUD-09616': by('directorate', 'PUT', ({ plain }) => `/correspondence/${plain}/ladder`, { steps: [step] }),
    'BUD-09617': by('directorate', 'PUT', ({ plain }) => `/correspondence/${plain}/ladder`, {
      changes: [{ name: 'finnes-ikke', after: 'P2D' }],
    }),
    'BUD-09618': async (scene) =>
      send(scene.own.directorate, 'PUT', `${v1}/correspondence/${await readLetter(scene)}/ladder`, { steps: [step] }),
  },
  'GET /coverage': { 'BUD-09114': by('manager', 'GET', ({ municipality }) => `/coverage?party=${municipality}&after=x`) },
  'POST /decisions': {
    'BUD-09101': by('manager', 'POST', '/decisions', { resource: resources.letters, action: 'read', party: unknownUrn }),
    'BUD-09105': by('manager', 'POST', '/decisions', { resource: 'finnes-ikke', action: 'read', party: municipalityUrn }),
    'BUD-09784': by('stranger', 'POST', '/decisions', {
      resource: resources.letters,
      action: 'read',
      party: municipalityUrn,
      subject: people.caseworker,
    }),
    'BUD-09785': by('unknown', 'POST', '/decisions', { resource: resources.letters, action: 'read', party: municipalityUrn }),
  },
  'POST /filetransfer/{fileTransferId}/confirm': {
    'BRO-00003': confirm('announced'),
    'BRO-00019': confirm('sent'),
    'BRO-00006': confirm('sent', {}, 'directorate'),
    'BRO-09951': confirm('fetched', {}, 'municipality', { 'repr-digest': 'sha-256=:AAAA:' }),
    'BRO-09952': confirm('fetched', { sha256: wrongHash }),
    'BRO-09953': confirm('confirmed', { sha256: wrongHash }),
  },
  'POST /filetransfer/{fileTransferId}/recall': {
    'BUD-09405': settle('sent', 'recall', [signed], { ...signed, reason: 'Noe annet.' }),
    'BUD-09962': settle('confirmed', 'recall'),
  },
  'POST /filetransfer/{fileTransferId}/recipients/{organizationNumber}/accept-unfetched': {
    'BUD-09404': settle('confirmed', acceptUnfetched),
    'BUD-09405': settle('sent', acceptUnfetched, [signed], { ...signed, reason: 'Noe annet.' }),
    'BUD-09406': settle('announced', acceptUnfetched),
  },
  'GET /grants': { 'BUD-09101': by('manager', 'GET', `/grants?at=${unknownUrn}`), 'BUD-09100': by('manager', 'GET', '/grants?at=x') },
  'POST /grants': {
    'BUD-09100': give({ at: 'x' }),
    'BUD-09101': give({ at: unknownUrn }),
    'BUD-09102': give({ resource: resources.letters }),
    'BUD-09103': give({ package: 'finnes-ikke' }),
    'BUD-09104': give({ package: 'regnskapsforer-lonn' }),
    'BUD-09105': give({ package: null, resource: 'finnes-ikke' }),
    'BUD-09106': give({ ...ofResource, actions: ['danse'] }),
    'BUD-09107': give({ until: past }),
    'BUD-09109': give({ to: municipalityUrn, lastName: null }),
    'BUD-09110': give({}, 'stranger'),
    'BUD-09131': async (scene) => {
      await give({ to: people.citizen, lastName: 'Borger' })(scene);
      return give({ to: people.citizen, lastName: 'Borger', until: '2031-01-01T00:00:00Z' })(scene);
    },
    'BUD-09839': give({ lastName: null }),
  },
  'POST /grants/{id}/restore': {
    'BUD-09131': async (scene) => {
      const given = { ...gift, to: people.reserved, lastName: 'Person' };
      const { id } = (await scene.own.manager.post(`${v1}/grants`, given)).json<{ id: string }>();
      await scene.own.manager.delete(`${v1}/grants/${id}`);
      await scene.own.manager.post(`${v1}/grants`, { ...given, until: '2031-01-01T00:00:00Z' });
      return scene.own.manager.post(`${v1}/grants/${id}/restore`);
    },
  },
  'GET /inbox': {
    'BUD-09550': by('manager', 'GET', '/inbox?after=x'),
    'BUD-09551': by('manager', 'GET', `/inbox?party=${nobody.slice(1)}`),
  },
  'POST /inbox/{id}/labels': {
    'BUD-09554': async (scene) => {
      const label = (first: number) =>
        send(scene.own.manager, 'POST', `${v1}/inbox/${scene.plain}/labels`, {
          add: Array.from({ length: 10 }, (_, i) => `merke ${first + i}`),
        });
      for (const first of [0, 10]) await label(first);
      return label(20);
    },
    'BUD-09556': async (scene) => {
      await share({})(scene);
      return send(scene.own.caseworker, 'POST', `${v1}/inbox/${scene.plain}/labels`, { add: ['mitt'] });
    },
  },
  'POST /inbox/{id}/share': {
    'BUD-09107': share({ until: past }),
    'BUD-09552': share({}, 'manager', ({ published }) => published),
    'BUD-09790': share({}, 'lowly'),
    'BUD-09110': async (scene) => {
      await share({})(scene);
      return share({ nationalIdentityNumber: people.stranger, lastName: 'Fugl' }, 'caseworker')(scene);
    },
    'BUD-09131': async (scene) => {
      await share({})(scene);
      return share({ until: '2031-01-01T00:00:00Z' })(scene);
    },
    'BUD-09109': async (scene) => {
      const id = await publish(scene);
      await until('the inbox', async () => {
        if ((await scene.own.citizen.get(`${v1}/inbox/${id}`)).status !== 200) throw new Error('it has not come to it');
      });
      return share({ nationalIdentityNumber: people.citizen, lastName: 'Borger' }, 'citizen', () => id)(scene);
    },
    'BUD-09111': share({}, 'municipality'),
  },
  'POST /ladders/preview': {
    'BUD-09608': by('directorate', 'POST', '/ladders/preview', { publishedAt: '2026-03-01T00:00:00Z', ladder: 'finnes-ikke' }),
    'BUD-09609': by('directorate', 'POST', '/ladders/preview', { publishedAt: '2026-03-01T00:00:00Z', steps: [step, step] }),
    'BUD-09623': by('directorate', 'POST', '/ladders/preview', { publishedAt: '1850-03-01T00:00:00Z', ladder: 'file-transfer' }),
  },
  'PUT /ladders/{ladderId}': { 'BUD-09610': by('directorate', 'PUT', '/ladders/file-transfer', { steps: [step] }) },
  'POST /mailings': {
    'BUD-09603': async (scene) => {
      const body = { idempotencyKey: randomUUID(), correspondence: letter('1').correspondence };
      await send(scene.own.directorate, 'POST', `${v1}/mailings`, body);
      return send(scene.own.directorate, 'POST', `${v1}/mailings`, { ...body, correspondence: letter('2').correspondence });
    },
  },
  'POST /mailings/{mailingId}/cancel': {
    'BUD-09606': async (scene) => {
      const id = await mailing(scene);
      await lines(id, 1, JSON.stringify({ recipient: people.citizen }))(scene);
      await move(id, 'release', {})(scene);
      await until('the end', async () => {
        const { state } = (await scene.own.directorate.get(`${v1}/mailings/${id}`)).json<{ state: string }>();
        if (state !== 'Finished') throw new Error(state);
      });
      return move(id, 'cancel')(scene);
    },
  },
  'POST /mailings/{mailingId}/check': { 'BUD-09606': over('check') },
  'POST /mailings/{mailingId}/pause': { 'BUD-09606': over('pause') },
  'POST /mailings/{mailingId}/resume': { 'BUD-09606': over('resume') },
  'POST /mailings/{mailingId}/release': {
    'BUD-09604': async (scene) => move(await mailing(scene), 'release', {})(scene),
    'BUD-09605': async (scene) => {
      const id = await mailing(scene);
      await lines(id, 1, JSON.stringify({ recipient: people.citizen }))(scene);
      return move(id, 'release', { expectedLines: 7 })(scene);
    },
    'BUD-09606': over('release'),
  },
  'POST /mailings/{mailingId}/recipients': {
    'BUD-09601': async (scene) => {
      const id = await mailing(scene);
      await move(id, 'cancel')(scene);
      return lines(id, 1, JSON.stringify({ recipient: people.citizen }))(scene);
    },
    'BUD-09602': async (scene) => lines(await mailing(scene), 7, JSON.stringify({ recipient: people.citizen }))(scene),
  },
  'GET /reachability': {
    'BUD-09100': by('directorate', 'GET', `/reachability?resource=${resources.letters}&party=x`),
    'BUD-09101': by('directorate', 'GET', `/reachability?resource=${resources.letters}&party=${unknownUrn}`),
    'BUD-09790': by('lowly', 'GET', `/reachability?resource=${resources.letters}&party=${municipalityUrn}`),
  },
  'POST /reachability': { 'BUD-09100': by('directorate', 'POST', '/reachability', { resource: resources.letters, parties: ['x'] }) },
  'PUT /resources/{resourceId}/ladder': {
    'BUD-09608': by('directorate', 'PUT', `/resources/${resources.letters}/ladder`, { ladder: 'finnes-ikke' }),
    'BUD-09611': by('directorate', 'PUT', `/resources/${resources.letters}/ladder`, { ladder: 'ks-paper' }),
    'BUD-09621': by('directorate', 'PUT', `/resources/${resources.letters}/ladder`, {
      ladder: 'ordinary',
      limits: { ladders: ['finnes-ikke'], own: false, mostSteps: 1, turnsTo: [], notBefore: null, within: null },
    }),
  },
  'GET /sealed': { 'BUD-09402': by('manager', 'GET', '/sealed?after=x') },
  'POST /sealed/{id}/grant': {
    'BUD-09107': open({ until: past }),
    'BUD-09715': open({ package: 'skatt-naering' }),
    'BUD-09790': open({}, 'lowly'),
    'BUD-09839': open({ lastName: null }),
    'BUD-09100': open({ to: 'x', lastName: null }),
    'BUD-09109': open({ to: municipalityUrn, lastName: null }),
    'BUD-09101': open({ to: unknownUrn, lastName: null }),
  },
  'PUT /second-contact': {
    'BUD-09625': async (scene) => {
      for (let n = 0; n < 10; n += 1)
        await send(scene.own.directorate, 'PUT', `${v1}/second-contact`, { email: `b${n}@wire.example`, sms: null });
      return send(scene.own.directorate, 'PUT', `${v1}/second-contact`, { email: 'til@wire.example', sms: null });
    },
  },
  'GET /statements': spreads('/statements'),
  'GET /statements/text': spreads('/statements/text'),
  'GET /time-to-open': spreads('/time-to-open'),
  'GET /unread/figures': spreads('/unread/figures'),
  'POST /subscriptions': {
    'BUD-09750': by('directorate', 'POST', '/subscriptions', { ...event, endPoint: 'x' }),
    'BUD-09751': by('directorate', 'POST', '/subscriptions', { ...event, sourceFilter: 'http://x.example/' }),
    'BUD-09752': by('directorate', 'POST', '/subscriptions', { ...event, resourceFilter: 'x' }),
    'BUD-09753': by('directorate', 'POST', '/subscriptions', { ...event, resourceFilter: `urn:altinn:resource:${resources.others}` }),
  },
  'POST /subscriptions/{id}/pause': { 'BUD-09770': subscribed('pause') },
  'POST /subscriptions/{id}/resume': { 'BUD-09762': subscribed('resume') },
  'POST /subscriptions/{id}/test': { 'BUD-09761': subscribed('test') },
  'POST /subscriptions/{id}/replay': { 'BUD-09761': subscribed('replay', { from: past }) },
  'DELETE /grants/{id}': {
    'BUD-09802': async (scene) => {
      const given = { ...gift, to: people.stranger, lastName: 'Fugl' };
      const { id } = (await scene.own.manager.post(`${v1}/grants`, given)).json<{ id: string }>();
      return scene.own.halfScoped.delete(`${v1}/grants/${id}`);
    },
  },
  'POST /unread/decisions': {
    'BUD-09726': by('filesOnly', 'POST', '/unread/decisions', ({ published }) => ({
      ...{ decision: 'accept-as-unread', ...signed, items: [{ id: published }] },
    })),
  },
  'GET /filetransfer/{fileTransferId}/custody': {
    'BRO-00006': async (scene) => scene.own.otherAgency.get(`${v1}/filetransfer/${await transfer(scene, 'sent')}/custody`),
  },
  'PUT /unread/routine': {
    'BUD-09731': by('directorate', 'PUT', '/unread/routine', { days: [1], hour: 8, addresses: [], recipients: ['310000000'] }),
  },
  'GET /unread': { 'BUD-09711': by('directorate', 'GET', '/unread?after=x') },
};

/** Names that do not belong to their numbers are tried so often that no more are listened to: nothing else comes after these. */
export const afterGuesses: typeof ownProvocations = {
  'POST /grants': {
    'BUD-09113': async (scene) => {
      for (let n = 0; n < 10; n += 1) await give({ lastName: `Feil ${n}`, to: guessed[n % guessed.length] })(scene);
      return give({ lastName: 'Feil' })(scene);
    },
  },
  'POST /inbox/{id}/share': { 'BUD-09113': share({ lastName: 'Feil' }) },
  'POST /sealed/{id}/grant': { 'BUD-09113': open({ lastName: 'Feil' }) },
};
