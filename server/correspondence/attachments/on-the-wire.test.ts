import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { sql } from '#kernel/database.ts';
import type { AttachmentId, CorrespondenceId } from '#kernel/ids.ts';
import type { Places } from '#kernel/places.ts';
import { createReceivingPlaces } from '#kernel/receiving-places.ts';
import { partyUrn } from '#register/index.ts';
import { field, file, multipart, type Part, springField, springFile } from '../../../test/wire/multipart.ts';
import { downloadAttachment } from '../download/download-attachment.ts';
import { getDetails } from '../read/look-at-message.ts';
import { createTown, rows, scan } from '../testing/town.ts';
import { assertRefused, openWire } from '../testing/wire.ts';
import type { AttachmentOverview } from './wire.ts';

const town = await createTown();
const { world, citizen, sender, reading } = town;
const stranger = town.leading;
const wire = await openWire(town, { sender, reading, stranger });
/** Where nobody waits long for the next byte. */
const impatient = await openWire(town, { sender, stranger }, world.ctx, undefined, { bodyPatienceMillis: 200 });

const base = '/correspondence/api/v1';
const announce = async (fileName = 'a.txt') =>
  (await (await wire.json('POST', '/attachment', 'sender', { resourceId: 'brev', fileName, sendersReference: 'x' })).json()) as string;
const overviewOf = async (id: string) => (await (await wire.request('GET', `/attachment/${id}`, 'sender')).json()) as AttachmentOverview;

/** A request whose body does not come whole: what is answered, once the server has closed the connection. */
async function talk(
  port: number,
  lines: readonly string[],
  body = '',
): Promise<{ status: number; said: { errorCode?: number; detail?: string } }> {
  const socket: Socket = connect(port, '127.0.0.1');
  socket.write([...lines, 'Host: localhost', 'Authorization: sender', '', body].join('\r\n'));
  const answer = await text(socket);
  const body_ = answer.slice(answer.indexOf('\r\n\r\n') + 4);
  return { status: Number(answer.slice(9, 12)), said: JSON.parse(body_) };
}

const form = (parts: readonly Part[]) => {
  const { mediaType, bytes } = multipart(parts);
  return wire.request('POST', '/correspondence/upload', 'sender', { body: new Uint8Array(bytes), headers: { 'content-type': mediaType } });
};

test('given a form as its clients write it, when it is sent, then names, prefix, order, spellings and file names mean what they mean to the original', async () => {
  const answer = await form([
    springFile('Attachments', 'blåbær.txt', 'text/plain', Buffer.from('første')),
    field('request.Correspondence.Content.Attachments[1].FileName', 'to.pdf'),
    field('request.correspondence.content.attachments[1].sendersReference', '2'),
    springField('request.CORRESPONDENCE.CONTENT.MESSAGETITLE', 'Vedtak æøå'),
    field('request.correspondence.content.messageBody', 'Hei'),
    field('request.correspondence.content.messageSummary', ''),
    file('request.ATTACHMENTS', 'to.pdf', 'application/pdf', Buffer.from('andre')),
    field('request.correspondence.content.attachments[0].fileName', 'blåbær.txt'),
    field('request.correspondence.content.attachments[0].sendersReference', '1'),
    field('request.correspondence.content.attachments[0].dataLocationType', '2'),
    field('request.correspondence.propertyList.senderOrgNumber', '991825827'),
    field('request.correspondence.propertyList[Sak.Nr]', '7'),
    field('request.correspondence.resourceId', 'urn:altinn:resource:brev'),
    field('request.correspondence.sendersReference', 'sak'),
    field('request.correspondence.isConfirmationNeeded', 'FALSE'),
    field('request.correspondence.requestedPublishTime', ''),
    field('request.correspondence.visibleFrom', 'ukjent'),
    field('request.correspondence.notification.notificationTemplate', '1'),
    field('request.correspondence.notification.notificationChannel', '0'),
    field('request.recipients[0]', partyUrn(citizen)),
    field('request.recipients[2]', 'after the gap'),
    field('recipients[0]', 'outside the prefix'),
  ]);
  const body = await answer.text();
  assert.equal(answer.status, 200, body);
  const { correspondences, attachmentIds } = JSON.parse(body) as {
    correspondences: { correspondenceId: string }[];
    attachmentIds: string[];
  };
  assert.equal(correspondences.length, 1);
  await scan(town, attachmentIds);

  const details = await getDetails(world.ctx, reading, correspondences[0]!.correspondenceId as never);
  assert.deepEqual(details.propertyList, { senderOrgNumber: '991825827', 'Sak.Nr': '7' });
  assert.deepEqual([details.content.messageTitle, details.content.messageSummary], ['Vedtak æøå', null]);
  assert.deepEqual(
    details.content.attachments.map(({ fileName, status }) => [fileName, status]),
    [
      ['blåbær.txt', 'Published'],
      ['to.pdf', 'Published'],
    ],
  );
  const asked = { correspondenceId: details.correspondenceId as CorrespondenceId, attachmentId: attachmentIds[0] as AttachmentId };
  const { stream, recordEnd } = await downloadAttachment(world.ctx, reading, asked);
  assert.equal(await text(stream), 'første');
  await recordEnd(true);
});

test('given files that are not those that were described, empty or of another checksum, when a form comes, then it is refused and nothing is kept', async () => {
  const described = (name: string, more: readonly Part[] = []): Part[] => [
    field('recipients[0]', partyUrn(citizen)),
    field('correspondence.resourceId', 'brev'),
    field('correspondence.sendersReference', 'sak'),
    field('correspondence.content.messageTitle', 'Vedtak'),
    field('correspondence.content.messageBody', 'Hei'),
    field('correspondence.content.attachments[0].fileName', name),
    field('correspondence.content.attachments[0].sendersReference', '1'),
    ...more,
  ];
  const one = (name: string, body = 'x') => file('attachments', name, 'text/plain', Buffer.from(body));
  for (const [code, parts] of [
    [1005, described('a.txt')],
    [1005, [...described('a.txt'), one('A.txt')]],
    [1005, [...described('a.txt'), one('a.txt'), one('b.txt')]],
    [2004, [...described('a.txt'), one('a.txt', '')]],
    [2008, [...described('a.txt', [field('correspondence.content.attachments[0].checksum', '0'.repeat(32))]), one('a.txt')]],
    [2013, [...described('a.exe'), one('a.exe')]],
  ] as const) {
    await assertRefused(await world.nothingWritten(() => form(parts)), code);
  }
});

test('given a length that is none or more than anybody takes, when it is announced, then it is refused before a byte has come', async () => {
  const id = await announce();
  for (const [code, length] of [
    [2004, '0'],
    [2004, '50000000001'],
    [2004, '9007199254740991'],
  ] as const) {
    const lines = [
      `POST ${base}/attachment/${id}/upload HTTP/1.1`,
      'Connection: close',
      'Content-Type: application/octet-stream',
      `Content-Length: ${length}`,
    ];
    const { status, said } = await world.nothingWritten(() => talk(impatient.port, lines));
    assert.deepEqual([status, said.errorCode], [400, code], length);
    assert.match(said.detail!, /50GB/);
  }
  assert.equal((await overviewOf(id)).status, 'Initialized', 'it may still be uploaded');
});

test('given an upload of which nothing more comes, when nobody waits any longer, then it is 408 and the attachment has failed', async () => {
  for (const [length, body] of [
    ['Content-Length: 40000000000', 'the beginning'],
    ['Transfer-Encoding: chunked', '5\r\nbegin\r\n'],
    ['Content-Length: 10', ''],
  ] as const) {
    const id = await announce();
    const lines = [`POST ${base}/attachment/${id}/upload HTTP/1.1`, 'Content-Type: application/octet-stream', length];

    const { status, said } = await talk(impatient.port, lines, body);

    assert.deepEqual([status, said.errorCode], [408, 2022], length);
    const { status: state, statusText } = await overviewOf(id);
    assert.deepEqual([state, statusText], ['Failed', 'Upload request timed out due to data arriving too slowly']);
    const again = await wire.request('POST', `/attachment/${id}/upload`, 'sender', {
      body: 'x',
      headers: { 'content-type': 'application/octet-stream' },
    });
    await assertRefused(again, 2005);
  }
  assert.deepEqual(await rows(town, sql`select 1 from blobs.blob where state = 'receiving'`), [], 'nothing of them is kept');
});

test('given an upload that comes byte by byte, when each comes in time, then it is taken, though all of it takes longer', async () => {
  const patient = await openWire(town, { sender }, world.ctx, undefined, { bodyPatienceMillis: 3000 });
  const id = await announce();
  const socket = connect(patient.port, '127.0.0.1');
  const lines = [`POST ${base}/attachment/${id}/upload HTTP/1.1`, 'Connection: close', 'Host: localhost', 'Authorization: sender'];
  socket.write([...lines, 'Content-Type: application/octet-stream', 'Content-Length: 10', '', ''].join('\r\n'));
  let sent = 0;
  const ticking = setInterval(() => {
    if (sent++ < 10) socket.write('x');
  }, 400);
  const answer = await text(socket).finally(() => clearInterval(ticking));
  assert.match(answer, /^HTTP\/1\.1 200 /);
  assert.equal((await overviewOf(id)).checksum?.length, 32);
});

test('given a form that falls silent in a field, in a file or before anything, when nobody waits any longer, then it is 408 and nothing is kept', async () => {
  const { mediaType, bytes } = multipart([
    field('recipients[0]', partyUrn(citizen)),
    file('attachments', 'a.txt', 'text/plain', Buffer.from('x'.repeat(5000))),
  ]);
  for (const sent of [0, 40, bytes.length - 3000]) {
    const lines = [`POST ${base}/correspondence/upload HTTP/1.1`, `Content-Type: ${mediaType}`, 'Content-Length: 3000000000'];
    const { status, said } = await world.nothingWritten(() => talk(impatient.port, lines, bytes.subarray(0, sent).toString('latin1')));
    assert.deepEqual([status, said.errorCode], [408, 2022], String(sent));
  }
});

test('given a form or an attachment that falls silent while another waits to send, when its place is given away, then the form is told to come again and nothing of it is kept, and the attachment has failed as too slow', async () => {
  const usual = { most: 1, mostOfOne: 1, mostWaiting: 4, patienceMillis: undefined, silenceMillis: 100, leastBytesPerSecond: 1000 };
  const places = createReceivingPlaces(usual);
  let entered = Promise.withResolvers<void>();
  const watched: Places = { enter: (caller) => places.enter(caller).finally(() => entered.resolve()) };
  const { port } = await openWire(town, { sender }, world.ctx, undefined, { places: watched });
  const { mediaType, bytes } = multipart([file('attachments', 'a.txt', 'text/plain', Buffer.from('x'.repeat(5000)))]);
  const id = await announce();
  const head = (path: string, type: string) => [`POST ${base}${path} HTTP/1.1`, `Content-Type: ${type}`, 'Content-Length: 3000000'];
  const gaveWay = async (lines: readonly string[], body: string) => {
    entered = Promise.withResolvers();
    const answer = talk(port, lines, body);
    await entered.promise;
    (await places.enter({ party: null, consumer: null })).leave();
    const { status, said } = await answer;
    return [status, said.errorCode];
  };

  const formed = () => gaveWay(head('/correspondence/upload', mediaType), bytes.subarray(0, 3000).toString('latin1'));
  assert.deepEqual(await world.nothingWritten(formed), [503, undefined]);
  assert.deepEqual(await gaveWay(head(`/attachment/${id}/upload`, 'application/octet-stream'), 'xxx'), [408, 2022]);
  assert.equal((await overviewOf(id)).status, 'Failed');
});

test('given a body of JSON that falls silent, when nobody waits any longer, then it is 408 without a code', async () => {
  const lines = [`POST ${base}/attachment HTTP/1.1`, 'Content-Type: application/json', 'Content-Length: 100'];
  const { status, said } = await world.nothingWritten(() => talk(impatient.port, lines, '{"resourceId'));
  assert.deepEqual([status, said.errorCode], [408, undefined]);
});

test('given a stranger, another scope or no token, when bytes are to be uploaded, then they are refused before any is read', async () => {
  const id = await announce();
  for (const [by, status] of [
    ['nobody', 401],
    ['reading', 403],
    ['stranger', 403],
  ] as const) {
    for (const path of [`/attachment/${id}/upload`, '/correspondence/upload']) {
      const answer = await world.nothingWritten(() =>
        wire.request('POST', path, by, { body: 'x', headers: { 'content-type': 'application/octet-stream' } }),
      );
      assert.deepEqual([answer.status, await answer.text()], [status, ''], `${by} ${path}`);
    }
  }
});
