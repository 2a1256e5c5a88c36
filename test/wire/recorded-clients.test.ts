import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { enterpriseToken, md5 } from '../../demo/client.ts';
import { until } from '../../demo/wait.ts';
import { field, file, multipart, springField, springFile } from './multipart.ts';
import { startTarget, type Target } from './server.ts';
import {
  accepted,
  api,
  type Callers,
  callersOf,
  citizenUrn,
  letter,
  municipalityUrn,
  people,
  resources,
  senderScopes,
  sentUnder,
  town,
} from './town.ts';

const pdf = readFileSync(join(import.meta.dirname, '../../demo/letters/varsel-om-endring.pdf'));
const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();

let target: Target;
let callers: Callers;
before(async () => {
  target = await startTarget('clients', town);
  callers = await callersOf(target.client);
});
after(() => target?.stop());

interface Overview {
  readonly correspondenceId: string;
  readonly recipient: string;
  readonly sender: string;
  readonly messageSender: string;
  readonly published: string | null;
  readonly read: string | null;
  readonly propertyList: Record<string, string>;
  readonly content: {
    readonly messageTitle: string;
    readonly attachments: readonly { readonly id: string; readonly fileName: string; readonly checksum: string }[];
  };
}

/** What the eFormidling access point sends for each DPV message, by way of Spring's form writer. */
function eFormidlingParts(messageId: string, recipient: string) {
  return [
    springField('recipients[0]', recipient),
    springField('idempotentKey', messageId),
    springField('correspondence.resourceId', resources.letters),
    springField('correspondence.sendersReference', messageId),
    springField('correspondence.sender', people.directorate),
    springField('correspondence.messageSender', 'Fjellfjord kommune'),
    springField('correspondence.requestedPublishTime', inDays(0)),
    springField('correspondence.dueDateTime', inDays(7)),
    springField('correspondence.isConfirmationNeeded', 'false'),
    springField('correspondence.isConfidential', 'false'),
    springField('correspondence.propertyList.senderOrgNumber', people.otherAgency),
    springField('correspondence.content.language', 'nb'),
    springField('correspondence.content.messageTitle', 'Vedtak om skoleplass – Bjørkåsen'),
    springField('correspondence.content.messageSummary', 'Vedtak'),
    springField('correspondence.content.messageBody', 'Du har fått et vedtak. Åpne vedlegget.'),
    springField('correspondence.content.attachments[0].fileName', 'Vedtak om skoleplass – Bjørkåsen.pdf'),
    springField('correspondence.content.attachments[0].displayName', 'Vedtak'),
    springField('correspondence.content.attachments[0].isEncrypted', 'false'),
    springField('correspondence.content.attachments[0].sendersReference', 'AttachmentReference_as123452'),
    springField('correspondence.content.attachments[0].dataLocationType', 'NewCorrespondenceAttachment'),
    springField('correspondence.notification.notificationTemplate', 'CustomMessage'),
    springField('correspondence.notification.notificationChannel', 'EmailAndSms'),
    springField('correspondence.notification.requestedSendTime', inDays(0)),
    springField('correspondence.notification.emailSubject', 'Ny post'),
    springField('correspondence.notification.emailBody', '$correspondenceRecipientName$ har fått post fra Fjellfjord kommune.'),
    springField('correspondence.notification.emailContentType', 'Plain'),
    springField('correspondence.notification.smsBody', '$correspondenceRecipientName$ har fått post.'),
    springField('correspondence.notification.sendReminder', 'true'),
    springField('correspondence.notification.reminderEmailSubject', 'Påminnelse'),
    springField('correspondence.notification.reminderEmailBody', '$correspondenceRecipientName$ har ulest post.'),
    springField('correspondence.notification.reminderSmsBody', '$correspondenceRecipientName$ har ulest post.'),
    springField('correspondence.allowSystemDeleteAfter', inDays(300)),
    springFile('attachments', 'Vedtak om skoleplass – Bjørkåsen.pdf', 'application/pdf', pdf),
  ];
}

test('given the form that eFormidling sends through Spring, when it is posted, then the message and its file arrive whole and are published', async () => {
  const messageId = randomUUID();

  const { correspondences, attachmentIds } = accepted(
    await callers.directorate.post(`${api}/correspondence/upload`, multipart(eFormidlingParts(messageId, citizenUrn))),
  );

  assert.equal(correspondences.length, 1);
  assert.equal(attachmentIds.length, 1);
  const id = correspondences[0]!.correspondenceId;
  const sent = await until('publication', async () => {
    const overview = (await callers.directorate.get(`${api}/correspondence/${id}`)).json<Overview>();
    assert.ok(overview.published, 'the message is not published');
    return overview;
  });
  assert.equal(sent.read, null);
  assert.equal(sent.messageSender, 'Fjellfjord kommune');
  assert.equal(sent.propertyList.senderOrgNumber, people.otherAgency);
  const { content, recipient } = (await callers.citizen.get(`${api}/correspondence/${id}`)).json<Overview>();
  assert.equal(recipient, citizenUrn);
  assert.equal(content.messageTitle, 'Vedtak om skoleplass – Bjørkåsen');
  assert.deepEqual(
    content.attachments.map(({ fileName, checksum }) => ({ fileName, checksum })),
    [{ fileName: 'Vedtak om skoleplass – Bjørkåsen.pdf', checksum: md5(pdf) }],
  );
  const download = await callers.citizen.get(`${api}/correspondence/${id}/attachment/${content.attachments[0]!.id}/download`);
  assert.equal(download.status, 200);
  assert.deepEqual(download.bytes, pdf);
});

test('given an integration point with no scope but eformidling:dpv, when it posts, asks and posts for a service of another, then only its own is sent', async () => {
  const own = target.client.with(await enterpriseToken(target.client, people.directorate, ['eformidling:dpv']));
  const other = target.client.with(await enterpriseToken(target.client, people.otherAgency, ['eformidling:dpv']));
  const form = () => multipart(eFormidlingParts(randomUUID(), municipalityUrn));

  const { correspondences } = accepted(await own.post(`${api}/correspondence/upload`, form()));

  assert.equal((await own.get(`${api}/correspondence/${correspondences[0]!.correspondenceId}`)).status, 200);
  const refused = await other.post(`${api}/correspondence/upload`, form());
  assert.deepEqual([refused.status, refused.json<{ errorCode: number }>().errorCode], [401, 4001]);
});

test('given that eFormidling did not get the answer, when it posts again, then it reads 409 and finds the one message by its reference alone', async () => {
  const messageId = randomUUID();
  const form = multipart(eFormidlingParts(messageId, municipalityUrn));
  const first = accepted(await callers.directorate.post(`${api}/correspondence/upload`, form));

  const again = await callers.directorate.post(`${api}/correspondence/upload`, form);

  assert.equal(again.status, 409);
  assert.equal(again.json<{ errorCode: number }>().errorCode, 1034);
  const found = await callers.directorate.get(`${api}/correspondence?sendersReference=${messageId}`);
  assert.equal(found.status, 200, found.text);
  assert.deepEqual(found.json(), { ids: [first.correspondences[0]!.correspondenceId] });
});

test('given a form whose keys begin with request, when it is posted, then it means the same as without', async () => {
  const reference = `use-case-${randomUUID()}`;
  const parts = [
    field('request.recipients[0]', municipalityUrn),
    field('request.recipients[1]', citizenUrn),
    field('request.correspondence.resourceId', resources.letters),
    field('request.correspondence.sendersReference', reference),
    field('request.correspondence.messageSender', 'Prøvebruker'),
    field('request.correspondence.content.language', 'nn'),
    field('request.correspondence.content.messageTitle', 'Frå ein brukstilfelletest'),
    field('request.correspondence.content.messageSummary', 'Samandrag'),
    field('request.correspondence.content.messageBody', '# Overskrift\n\nTekst'),
    field('request.correspondence.content.attachments[0].dataLocationType', 'ExistingExternalStorage'),
    field('request.correspondence.content.attachments[0].fileName', 'brev.txt'),
    field('request.correspondence.content.attachments[0].sendersReference', '1'),
    field('request.correspondence.content.attachments[1].dataLocationType', '0'),
    field('request.correspondence.content.attachments[1].fileName', 'brev.pdf'),
    field('request.correspondence.content.attachments[1].sendersReference', '2'),
    field('request.correspondence.notification.notificationTemplate', '1'),
    field('request.correspondence.notification.notificationChannel', '2'),
    field('request.correspondence.visibleFrom', inDays(0)),
    field('request.correspondence.dueDateTime', ''),
    file('request.attachments', 'brev.txt', 'text/plain', Buffer.from('Brevet.')),
    file('attachments', 'brev.pdf', 'application/pdf', pdf),
  ];

  const { correspondences, attachmentIds } = accepted(await callers.directorate.post(`${api}/correspondence/upload`, multipart(parts)));

  assert.deepEqual(
    correspondences.map(({ recipient, notifications }) => ({ recipient, notifications })),
    [
      { recipient: municipalityUrn, notifications: null },
      { recipient: citizenUrn, notifications: null },
    ],
  );
  assert.equal(attachmentIds.length, 2);
  assert.equal(new Set(correspondences.map(({ correspondenceId }) => correspondenceId)).size, 2);
  assert.equal((await sentUnder(callers.directorate, reference)).length, 2);
});

test('given the form of a browser with names in upper case, when it is posted with fetch, then it is accepted', async () => {
  const reference = `form-data-${randomUUID()}`;
  const form = new FormData();
  form.append('Recipients[0]', citizenUrn);
  form.append('Correspondence.ResourceId', `urn:altinn:resource:${resources.letters}`);
  form.append('Correspondence.SendersReference', reference);
  form.append('Correspondence.Content.MessageTitle', 'Store bokstaver');
  form.append('Correspondence.Content.MessageSummary', '');
  form.append('Correspondence.Content.MessageBody', 'Hei');
  form.append('Correspondence.Content.Attachments[0].FileName', 'brev.pdf');
  form.append('Correspondence.Content.Attachments[0].SendersReference', '1');
  form.append('Correspondence.Content.notification.emailSubject', 'ukjent sted');
  form.append('Attachments', new Blob([new Uint8Array(pdf)], { type: 'application/pdf' }), 'brev.pdf');

  const { attachmentIds } = accepted(await callers.directorate.post(`${api}/correspondence/upload/`, form));

  assert.equal(attachmentIds.length, 1);
});

test('given JSON with members in upper case, enums as integers and a trailing slash, when it is posted, then it is accepted', async () => {
  const reference = `upper-${randomUUID()}`;
  const body = {
    Correspondence: {
      ResourceId: resources.letters,
      SendersReference: reference,
      Content: { Language: 'en', MessageTitle: 'Upper case', MessageSummary: 'Summary', MessageBody: 'Body' },
      Notification: { NotificationTemplate: 1, NotificationChannel: 3, SendReminder: false },
      IgnoreReservation: true,
    },
    Recipients: [citizenUrn],
  };

  const { correspondences } = accepted(await callers.directorate.post(`${api}/correspondence/`, body));

  const id = correspondences[0]!.correspondenceId;
  for (const query of [
    'role=1',
    'role=sender&status=2',
    'role=Sender&status=published&onBehalfOf=',
    `role=SENDER&from=2020-01-01T00:00:00`,
  ]) {
    const list = await callers.directorate.get(
      `${api}/correspondence/?resourceId=${resources.letters}&sendersReference=${reference}&${query}`,
      {
        'content-type': 'application/json',
      },
    );
    assert.deepEqual(list.json(), { ids: [id] }, query);
  }
});

test('given short forms of recipients, when they are sent to, then the answer carries the full names', async () => {
  const reference = `short-${randomUUID()}`;
  const body = letter(reference, { request: { recipients: [`0192:${people.municipality}`, people.citizen] } });

  const { correspondences } = accepted(await callers.directorate.post(`${api}/correspondence`, body));

  assert.deepEqual(
    correspondences.map(({ recipient }) => recipient),
    [municipalityUrn, citizenUrn],
  );
});

test('given the fewest members that the original asks for, when they are sent, then the rest is as the original leaves it', async () => {
  const body = {
    correspondence: { resourceId: resources.letters, sendersReference: '1', content: { messageTitle: 'Hei', messageBody: 'Et brev.' } },
    recipients: [citizenUrn],
  };

  const { correspondences, attachmentIds } = accepted(await callers.directorate.post(`${api}/correspondence`, body));

  assert.deepEqual(attachmentIds, []);
  assert.equal(correspondences[0]!.status, 'ReadyForPublish');
  const overview = (await callers.citizen.get(`${api}/correspondence/${correspondences[0]!.correspondenceId}`)).json<
    Overview & { content: { language: string }; ignoreReservation: boolean; allowForwarding: boolean; isConfirmationNeeded: boolean }
  >();
  assert.equal(overview.content.language, 'nb');
  assert.equal(overview.sender, `urn:altinn:organization:identifier-no:${people.directorate}`);
  assert.equal(overview.messageSender, '');
  assert.equal(overview.ignoreReservation, false);
  assert.equal(overview.allowForwarding, false);
  assert.equal(overview.isConfirmationNeeded, false);
});

test('given members that old clients still send, when they are sent, then they are ignored and the message is accepted', async () => {
  const reference = `old-${randomUUID()}`;
  const old = {
    sender: `0192:${people.otherAgency}`,
    allowSystemDeleteAfter: inDays(30),
    visibleFrom: inDays(0),
    isReservable: true,
    published: null,
  };
  const body = letter(reference, {
    correspondence: {
      ...old,
      notification: { notificationTemplate: 'GenericAltinnMessage', requestedSendTime: inDays(1), unknown: { deep: [1, 2] } },
    },
    request: { surprise: [{ a: null }] },
  });

  const { correspondences } = accepted(await callers.directorate.post(`${api}/correspondence`, body));

  const overview = (await callers.citizen.get(`${api}/correspondence/${correspondences[0]!.correspondenceId}`)).json<
    Overview & Record<string, unknown>
  >();
  assert.equal(overview.sender, `urn:altinn:organization:identifier-no:${people.directorate}`);
  for (const name of ['allowSystemDeleteAfter', 'visibleFrom', 'isReservable']) assert.ok(!(name in overview), name);
});

test('given attachments that are uploaded first, when a message names them, then the recipient gets the same bytes', async () => {
  const made = await callers.directorate.post(`${api}/attachment`, {
    resourceId: resources.letters,
    fileName: 'brev.pdf',
    displayName: 'Brevet',
    sendersReference: '1234',
    checksum: md5(pdf),
    isEncrypted: false,
  });
  assert.equal(made.status, 200, made.text);
  const attachmentId = made.json<string>();
  assert.match(attachmentId, /^[0-9a-f-]{36}$/);
  const uploaded = await callers.directorate.post(`${api}/attachment/${attachmentId}/upload`, {
    mediaType: 'application/octet-stream',
    bytes: pdf,
  });
  assert.equal(uploaded.status, 200, uploaded.text);
  await until('the scan', async () => {
    const { status } = (await callers.directorate.get(`${api}/attachment/${attachmentId}`)).json<{ status: string }>();
    assert.equal(status, 'Published');
  });

  const { correspondences, attachmentIds } = accepted(
    await callers.directorate.post(
      `${api}/correspondence`,
      letter(`first-${attachmentId}`, { request: { existingAttachments: [attachmentId] } }),
    ),
  );

  assert.deepEqual(attachmentIds, [attachmentId]);
  const download = await callers.citizen.get(
    `${api}/correspondence/${correspondences[0]!.correspondenceId}/attachment/${attachmentId}/download`,
  );
  assert.equal(download.status, 200);
  assert.equal(download.headers.get('content-type'), 'application/pdf');
  assert.equal(download.headers.get('content-disposition'), "inline; filename*=UTF-8''brev.pdf");
  assert.equal(md5(download.bytes), md5(pdf));
});

test('given a recipient that clicks through as the inbox does, when it confirms with an empty JSON body, then the answer is the bare id', async () => {
  const body = letter(`click-${randomUUID()}`, { correspondence: { isConfirmationNeeded: true, dueDateTime: inDays(7) } });
  const id = accepted(await callers.directorate.post(`${api}/correspondence`, body)).correspondences[0]!.correspondenceId;
  const json = { 'content-type': 'application/json' };

  const content = await callers.citizen.get(`${api}/correspondence/${id}/content`, { accept: 'text/plain' });
  const confirmed = await callers.citizen.post(`${api}/correspondence/${id}/confirm`, undefined, json);
  const again = await callers.citizen.post(`${api}/correspondence/${id}/confirm`, undefined, json);

  assert.equal(content.headers.get('content-type'), 'text/plain; charset=utf-8');
  assert.equal(content.text, 'Hei. Dette er en prøve.');
  assert.equal(confirmed.status, 200, confirmed.text);
  assert.equal(confirmed.text, JSON.stringify(id));
  assert.equal(again.status, 400);
  assert.equal(again.json<{ code: string }>().code, 'CORR-01041');
});

test('given paths in any case and a subscription key, when a client calls, then both are taken as the original takes them', async () => {
  const token = await enterpriseToken(target.client, people.directorate, senderScopes);

  const answer = await target.client
    .with(token)
    .get(`/Correspondence/API/v1/CORRESPONDENCE?resourceId=${resources.letters}&role=Sender`, { 'ocp-apim-subscription-key': 'abc' });

  assert.equal(answer.status, 200, answer.text);
});
