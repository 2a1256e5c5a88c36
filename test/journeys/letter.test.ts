import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, test } from 'node:test';
import { type Client, enterpriseToken, organizationUrn, personalToken, personUrn } from '../../demo/client.ts';
import { grantPackage, invariantsOf, revokeGrant, sealedTo, timelineOf, watchOf } from '../../demo/own-api.ts';
import type { Mail } from '../../demo/sink.ts';
import { until } from '../../demo/wait.ts';
import { type OwnServer, startOwnServer } from '../wire/server.ts';

const api = '/correspondence/api/v1/correspondence';
const own = '/budstikke/v1/correspondence';
const confidentialPackage = 'post-til-virksomheten-med-taushetsbelagt-innhold';
const numbers = {
  police: '315001358',
  taxAgency: '315001420',
  municipality: '315001498',
  emptyHouse: '315001560',
  desertedHouse: '315001633',
  manager: '16847520543',
  caseworker: '18867721912',
  colleague: '19877822675',
  citizen: '20887923338',
  stranger: '22908124794',
} as const;
const resources = { concern: 'journey-concern', tax: 'journey-tax' } as const;
const addresses = {
  police: 'post@journey-politi.example',
  taxAgency: 'post@journey-skatt.example',
  manager: 'leder@journey.example',
  caseworker: 'saksbehandler@journey.example',
  citizen: 'borger@journey.example',
} as const;

const text = (nb: string): object => ({ nb, nn: nb, en: nb });
const mail = (address: string): object[] => [{ channel: 'email', address }];
const person = (number: string, name: string, address?: string): object => ({
  kind: 'person',
  number,
  name,
  lastLogin: new Date().toISOString().slice(0, 10),
  contactPoints: address ? mail(address) : [],
});
const town = {
  version: 1,
  parties: [
    {
      kind: 'organization',
      number: numbers.police,
      name: 'Reisepolitiet',
      orgCode: 'journeypol',
      unitType: 'ORGL',
      contactPoints: mail(addresses.police),
    },
    {
      kind: 'organization',
      number: numbers.taxAgency,
      name: 'Reiseskatten',
      orgCode: 'journeytax',
      unitType: 'ORGL',
      contactPoints: mail(addresses.taxAgency),
    },
    { kind: 'organization', number: numbers.municipality, name: 'Reisedal kommune', unitType: 'KOMM' },
    { kind: 'organization', number: numbers.emptyHouse, name: 'Tomt hus AS', unitType: 'AS' },
    { kind: 'organization', number: numbers.desertedHouse, name: 'Forlatt hus AS', unitType: 'AS' },
    person(numbers.manager, 'Marit Leder', addresses.manager),
    person(numbers.caseworker, 'Siri Saksbehandler', addresses.caseworker),
    person(numbers.colleague, 'Kåre Kollega'),
    person(numbers.citizen, 'Berit Borger', addresses.citizen),
    person(numbers.stranger, 'Fredrik Fremmed'),
  ],
  roles: [{ holder: numbers.manager, role: 'DAGL', at: numbers.municipality }],
  resources: [
    {
      id: resources.concern,
      type: 'CorrespondenceService',
      owner: numbers.police,
      title: text('Bekymringsmelding'),
      readers: [`package:${confidentialPackage}`],
    },
    { id: resources.tax, type: 'CorrespondenceService', owner: numbers.taxAgency, title: text('Skatt') },
  ],
};

const senderScopes = ['altinn:serviceowner', 'altinn:correspondence.write'];
const readerScopes = ['altinn:correspondence.read', 'altinn:portal/enduser'];

let server: OwnServer;
let nobody: Client;
let police: Client;
let taxAgency: Client;
const people: { manager?: Client; caseworker?: Client; colleague?: Client; citizen?: Client; stranger?: Client } = {};

before(async () => {
  server = await startOwnServer('letter', town);
  nobody = server.client;
  police = nobody.with(await enterpriseToken(nobody, numbers.police, senderScopes));
  taxAgency = nobody.with(await enterpriseToken(nobody, numbers.taxAgency, senderScopes));
});
after(() => server?.stop());
afterEach(async () => {
  const { invariants } = await invariantsOf(police);
  assert.deepEqual(
    invariants.filter((one) => !one.holds),
    [],
  );
});

/** A person's way in. Asked for once: a token that is shown is a visit, and visits are part of what is tested. */
async function as(name: keyof typeof people): Promise<Client> {
  people[name] ??= nobody.with(await personalToken(nobody, numbers[name], readerScopes));
  return people[name];
}

const secrets = { title: 'Sommerfuglens hemmelighet', body: 'Det som står her, skal bare én få se.', file: 'nattsvermer.txt' } as const;
const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();

/** A confidential letter with a file, to the municipality, that asks to be confirmed. */
async function sendConcern(): Promise<{ id: string; attachmentId: string }> {
  const form = new FormData();
  const fields = {
    'recipients[0]': organizationUrn(numbers.municipality),
    'correspondence.resourceId': resources.concern,
    'correspondence.sendersReference': randomUUID(),
    'correspondence.isConfidential': 'true',
    'correspondence.isConfirmationNeeded': 'true',
    'correspondence.dueDateTime': inDays(7),
    'correspondence.content.messageTitle': secrets.title,
    'correspondence.content.messageBody': secrets.body,
    'correspondence.content.attachments[0].fileName': secrets.file,
    'correspondence.content.attachments[0].sendersReference': '1',
  };
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('attachments', new Blob([secrets.body]), secrets.file);
  const answer = await police.post(`${api}/upload`, form);
  assert.equal(answer.status, 200, answer.text);
  const { correspondences, attachmentIds } = answer.json<{ correspondences: { correspondenceId: string }[]; attachmentIds: string[] }>();
  const id = correspondences[0]!.correspondenceId;
  await until('publication', async () => assert.ok((await police.get(`${api}/${id}`)).json<{ published: string | null }>().published));
  return { id, attachmentId: attachmentIds[0]! };
}

async function sendTaxLetter(recipient: string, more: object = {}): Promise<string> {
  const answer = await taxAgency.post(api, {
    recipients: [recipient],
    correspondence: {
      resourceId: resources.tax,
      sendersReference: randomUUID(),
      content: { language: 'nb', messageTitle: 'Skatteoppgjøret ditt', messageBody: 'Det er klart.' },
      ...more,
    },
  });
  assert.equal(answer.status, 200, answer.text);
  return answer.json<{ correspondences: { correspondenceId: string }[] }>().correspondences[0]!.correspondenceId;
}

const eventsOf = async (sender: Client, id: string): Promise<string[]> => (await timelineOf(sender, id)).map(({ event }) => event);

/** Mails to an address that came after `from` of them had come. */
function mailsTo(address: string, from = 0): Promise<readonly Mail[]> {
  return until(`mail to ${address}`, async () => {
    const mine = server.mails.mails.filter(({ to }) => to.includes(address)).slice(from);
    assert.ok(mine.length > 0, `no mail has come to ${address}`);
    return mine;
  });
}
const countTo = (address: string): number => server.mails.mails.filter(({ to }) => to.includes(address)).length;

/** Straight to where access is given at that organization. Whoever fetches the link without a login, as filters of mail do, is shown nothing, and nothing comes of it. */
async function assertLeadsToAccess({ text: told }: Mail): Promise<void> {
  const [link] = /https?:\S+/.exec(told) ?? [];
  const { pathname, search } = new URL(link!);
  assert.equal(pathname + search, `/access?party=${numbers.municipality}`, told);
  const fetched = await server.client.get(pathname + search);
  assert.equal(fetched.status, 200);
  assert.ok(!/Reisedal|Reisepolitiet/.test(fetched.text));
  assertTellsNothing(fetched.text, 'the page that a mail leads to');
}

function assertTellsNothing(told: string, where: string): void {
  for (const secret of Object.values(secrets)) assert.ok(!told.includes(secret), `${where} tells "${secret}"`);
}

test('given a confidential letter that nobody may open, when the manager gives access, then it is opened and confirmed, and until then nobody sees a word', async () => {
  const { id, attachmentId } = await sendConcern();
  const [manager, caseworker] = [await as('manager'), await as('caseworker')];

  const before = await watchOf(police, id);
  assert.deepEqual([before.class, before.cause, before.outcome], ['GRANTABLE', 'grant-needed', null]);
  for (const mail of await mailsTo(addresses.manager))
    assertTellsNothing(`${mail.subject}\n${mail.text}\n${mail.source}`, 'the e-mail to the manager');
  assert.equal(countTo(addresses.caseworker), 0, 'one who cannot open is told');
  const { envelopes, text: sealed } = await sealedTo(manager);
  assert.deepEqual(
    envelopes.map(({ sender, party, right }) => [sender.name, party.name, right.packages]),
    [['Reisepolitiet', 'Reisedal kommune', [confidentialPackage]]],
  );
  assertTellsNothing(sealed, 'the envelope');
  await assertLeadsToAccess((await mailsTo(addresses.manager))[0]!);
  const own = '/budstikke/v1/session/parties';
  const namesOf = async (query: string) =>
    (await manager.get(`${own}?${query}`))
      .json<{ parties: { name: string; sealed: number }[] }>()
      .parties.map(({ name, sealed: n }) => [name, n]);
  assert.deepEqual(await namesOf('sealed=true'), [['Reisedal kommune', 1]], 'where something lies sealed, whomever one looks at');
  assert.deepEqual(await namesOf(`number=${numbers.municipality}`), [['Reisedal kommune', 1]], 'as the link names it');
  assert.deepEqual(await namesOf(`number=${numbers.police}`), [], 'and nobody whom one does not act for');
  for (const reader of [manager, caseworker]) {
    for (const path of [
      `${api}/${id}`,
      `${api}/${id}/details`,
      `${api}/${id}/content`,
      `${api}/${id}/attachment/${attachmentId}/download`,
    ]) {
      const answer = await reader.get(path);
      assert.deepEqual([answer.status, answer.json<{ errorCode: number }>().errorCode], [401, 4001], path);
      assertTellsNothing(answer.text, path);
    }
  }

  const grantId = await grantPackage(manager, {
    at: numbers.municipality,
    to: numbers.caseworker,
    lastName: 'Saksbehandler',
    package: confidentialPackage,
  });
  const reachable = await watchOf(police, id);
  assert.deepEqual([reachable.class, reachable.outcome], ['REACHABLE', null]);
  for (const mail of await mailsTo(addresses.caseworker))
    assertTellsNothing(`${mail.subject}\n${mail.text}`, 'the e-mail to the caseworker');
  assert.equal((await manager.get(`${api}/${id}/content`)).status, 401, 'giving a right does not give it to oneself');
  assert.deepEqual((await sealedTo(manager)).envelopes, [], 'what somebody can open is still called sealed');
  assert.deepEqual(await namesOf('sealed=true'), []);

  assert.equal((await caseworker.get(`${api}/${id}/content`)).text, secrets.body);
  assert.equal((await caseworker.get(`${api}/${id}/attachment/${attachmentId}/download`)).text, secrets.body);
  await until('the opening to be recorded', async () => {
    const opened = await watchOf(police, id);
    assert.deepEqual([opened.cause, opened.outcome], ['opened-not-confirmed', null]);
  });
  assert.equal((await caseworker.post(`${api}/${id}/confirm`)).status, 200);

  const closed = await watchOf(police, id);
  assert.deepEqual([closed.outcome, closed.nextAction], ['confirmed', null]);
  await until('what became of the download to be recorded', async () => {
    const events = await eventsOf(police, id);
    for (const event of [
      'SubmissionAcceptance',
      'ContentConsignment',
      'AccessRegained',
      'ContentAccessTracking',
      'ContentHandover',
      'ConsignmentAcceptance',
    ]) {
      assert.ok(events.includes(event), `${event} is not among ${events.join(', ')}`);
    }
  });
  const evidence = JSON.stringify(await timelineOf(police, id));
  for (const number of [numbers.caseworker, addresses.caseworker, 'Siri'])
    assert.ok(!evidence.includes(number), 'the sender is told who opened');
  await revokeGrant(manager, grantId);
});

test('given a letter to a citizen, when she only looks at it, lists it and marks it as read, then no reminder is stopped and nothing counts as opened', async () => {
  const id = await sendTaxLetter(personUrn(numbers.citizen));
  const citizen = await as('citizen');
  await mailsTo(addresses.citizen);
  const before = await until('the first notice to be booked', async () => {
    const watch = await watchOf(taxAgency, id);
    assert.equal(watch.nextAction, 'remind');
    return watch;
  });

  assert.equal((await citizen.get(`${api}/${id}`)).status, 200);
  assert.equal((await citizen.get(`${api}/${id}/details`)).status, 200);
  assert.equal((await citizen.get(`${api}?resourceId=${resources.tax}&role=Recipient&onBehalfOf=${numbers.citizen}`)).status, 200);
  assert.equal((await citizen.post(`${api}/${id}/markasread`)).status, 200);

  const { outcome, nextAction, nextActionAt, class: openability } = await watchOf(taxAgency, id);
  assert.deepEqual([outcome, nextAction, nextActionAt], [null, 'remind', before.nextActionAt]);
  assert.ok(['REACHABLE', 'PROVEN'].includes(openability));
  assert.ok(!(await eventsOf(taxAgency, id)).includes('ContentAccessTracking'));

  assert.equal((await citizen.get(`${api}/${id}/content`)).status, 200);
  await until('the opening to be recorded', async () => {
    const closed = await watchOf(taxAgency, id);
    assert.deepEqual([closed.outcome, closed.nextAction], ['opened', null]);
  });
  assert.equal((await eventsOf(taxAgency, id)).filter((event) => event === 'ContentAccessTracking').length, 1);
});

test('given a letter to a citizen, when the owner’s own token reads it, then no watch is closed and the evidence says who looked', async () => {
  const id = await sendTaxLetter(personUrn(numbers.citizen));
  const scopes = [...senderScopes, 'altinn:correspondence.read'];
  const owners = [
    nobody.with(await enterpriseToken(nobody, numbers.taxAgency, ['altinn:serviceowner', 'altinn:correspondence.read'])),
    nobody.with(await enterpriseToken(nobody, numbers.taxAgency, scopes)),
  ];

  for (const owner of owners) {
    await owner.get(`${api}/${id}`);
    await owner.get(`${api}/${id}/content`);
    await owner.post(`${api}/${id}/confirm`);
  }

  const watch = await watchOf(taxAgency, id);
  assert.deepEqual([watch.outcome, watch.cause === 'opened-not-confirmed'], [null, false]);
  const events = await eventsOf(taxAgency, id);
  assert.ok(
    !events.includes('ContentAccessTracking') && !events.includes('ConsignmentAcceptance') && !events.includes('ContentHandover'),
    events.join(', '),
  );
  assert.ok(events.includes('SenderViewed'), events.join(', '));
  assert.equal((await (await as('citizen')).get(`${api}/${id}/content`)).status, 200);
  await until('the opening to be recorded', async () => assert.equal((await watchOf(taxAgency, id)).outcome, 'opened'));
});

test('given a letter that asks to be confirmed, when it is opened and nobody confirms, then the watch stays open and goes on reminding', async () => {
  const id = await sendTaxLetter(personUrn(numbers.citizen), { isConfirmationNeeded: true, dueDateTime: inDays(10) });
  const citizen = await as('citizen');

  assert.equal((await citizen.get(`${api}/${id}/content`)).status, 200);

  const watch = await until('the opening to be recorded', async () => {
    const now = await watchOf(taxAgency, id);
    assert.deepEqual([now.outcome, now.cause], [null, 'opened-not-confirmed']);
    return now;
  });
  assert.ok(watch.nextAction && watch.nextActionAt, 'an open watch always has a next action');
  assert.equal((await citizen.post(`${api}/${id}/confirm`)).status, 200);
  assert.equal((await watchOf(taxAgency, id)).outcome, 'confirmed');
});

test('given a letter that one may open, when her right is taken away, then the letter is sealed again, those who can give access are told, and the sender can prove it', async () => {
  const manager = await as('manager');
  await as('caseworker').then((caseworker) =>
    caseworker.get(`${api}?resourceId=${resources.concern}&role=Recipient&onBehalfOf=0192:${numbers.municipality}`),
  );
  const grantId = await grantPackage(manager, {
    at: numbers.municipality,
    to: numbers.caseworker,
    lastName: 'Saksbehandler',
    package: confidentialPackage,
  });
  const { id } = await sendConcern();
  const reachable = await watchOf(police, id);
  assert.ok(['REACHABLE', 'PROVEN'].includes(reachable.class), reachable.class);
  const told = countTo(addresses.manager);

  await revokeGrant(manager, grantId);

  // At once, or within the minute of the sweep when a worker held the watch just then.
  await until(
    'the watch to know',
    async () => {
      const { class: found, cause, outcome } = await watchOf(police, id);
      assert.deepEqual([found, cause, outcome], ['GRANTABLE', 'grant-needed', null]);
    },
    { seconds: 70 },
  );
  const events = await eventsOf(police, id);
  assert.ok(events.includes('AccessLost'), events.join(', '));
  const { status, statusText } = (await police.get(`${api}/${id}`)).json<{ status: string; statusText: string }>();
  assert.equal(status, 'Published', `losing the opener made the message ${status}: ${statusText}`);
  assert.equal((await (await as('caseworker')).get(`${api}/${id}/content`)).status, 401);
  const notices = await mailsTo(addresses.manager, told);
  for (const mail of notices) assertTellsNothing(`${mail.subject}\n${mail.text}\n${mail.source}`, 'the e-mail to the manager');
});

test('given letters that are not theirs, when strangers ask in every way, then they see nothing, and nothing of it counts', async () => {
  const { id, attachmentId } = await sendConcern();
  const tax = await sendTaxLetter(personUrn(numbers.citizen));
  const strangers = [
    await as('stranger'),
    await as('colleague'),
    nobody.with(await enterpriseToken(nobody, numbers.emptyHouse, [...senderScopes, ...readerScopes])),
    nobody.with(await enterpriseToken(nobody, numbers.emptyHouse, senderScopes)),
  ];

  for (const stranger of strangers) {
    for (const message of [id, tax]) {
      for (const path of ['', '/details', '/content', `/attachment/${attachmentId}/download`]) {
        const answer = await stranger.get(`${api}/${message}${path}`);
        assert.ok([401, 403, 404].includes(answer.status), `${path} answers ${answer.status}`);
        assertTellsNothing(answer.text, path);
      }
      for (const path of ['/watch', '/timeline']) {
        const answer = await stranger.get(`${own}/${message}${path}`);
        assert.ok([401, 403, 404].includes(answer.status), `${path} answers ${answer.status}`);
      }
      for (const path of ['/markasread', '/confirm']) assert.ok((await stranger.post(`${api}/${message}${path}`)).status >= 400, path);
      assert.ok((await stranger.delete(`${api}/${message}/purge`)).status >= 400);
    }
    const grant = await stranger.post('/budstikke/v1/grants', {
      at: numbers.municipality,
      to: numbers.stranger,
      package: confidentialPackage,
    });
    assert.ok(grant.status >= 400, `a stranger gives access: ${grant.status}`);
  }
  assert.deepEqual((await sealedTo(await as('stranger'))).envelopes, []);
  assert.deepEqual((await sealedTo(await as('colleague'))).envelopes, []);

  for (const [sender, message] of [
    [police, id],
    [taxAgency, tax],
  ] as const) {
    const { read } = (await sender.get(`${api}/${message}`)).json<{ read: string | null }>();
    assert.deepEqual([read, (await watchOf(sender, message)).outcome], [null, null]);
  }
});

test('given letters to a house where nobody is, when they are sent, then the confidential one is refused and the other is watched with its cause', async () => {
  const recipients = [organizationUrn(numbers.desertedHouse)];
  const refused = await police.post(api, {
    recipients,
    correspondence: {
      resourceId: resources.concern,
      sendersReference: '1',
      isConfidential: true,
      content: { messageTitle: 'Hei', messageBody: 'Hei' },
    },
  });
  assert.deepEqual([refused.status, refused.json<{ errorCode: number }>().errorCode], [400, 1044]);

  const id = await sendTaxLetter(recipients[0]!);

  const watch = await watchOf(taxAgency, id);
  assert.deepEqual([watch.class, watch.cause, watch.outcome], ['UNREACHABLE', 'no-opener', null]);
  assert.ok(watch.nextAction && watch.nextActionAt);
});

test('given a letter to a municipality, when its own machine fetches it, then it is handed over and not said to be opened', async () => {
  const id = await sendTaxLetter(organizationUrn(numbers.municipality));
  const machine = nobody.with(await enterpriseToken(nobody, numbers.municipality, ['altinn:correspondence.read']));

  assert.equal((await machine.get(`${api}/${id}/content`)).status, 200);

  await until('the opening to be recorded', async () => assert.equal((await watchOf(taxAgency, id)).outcome, 'handed-over'));
});

test('given a letter that is on its way, when the recipient deletes it, then the watch ends as deleted and the sender can tell', async () => {
  const id = await sendTaxLetter(personUrn(numbers.citizen));

  assert.equal((await (await as('citizen')).delete(`${api}/${id}/purge`)).status, 200);

  assert.equal((await watchOf(taxAgency, id)).outcome, 'deleted-by-recipient');
  assert.ok((await eventsOf(taxAgency, id)).includes('DeletedByRecipient'));
});
