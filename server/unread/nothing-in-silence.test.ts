import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { forgetEvents } from '#events/index.ts';
import { type Sql, sql } from '#kernel/database.ts';
import { type AttachmentId, type CorrespondenceId, newId } from '#kernel/ids.ts';
import { type Party, partyUrn, saveContactPoints } from '#register/index.ts';
import { simulatedScanner } from '#scanning/index.ts';
import { noteRelayed, noteReturned } from '#watch/index.ts';
import { allRecorded } from '../../test/all-recorded.ts';
import { lookAfterKept as lookAfterFiles } from '../broker/expire/look-after-kept.ts';
import { purgeTransfers } from '../broker/expire/purge-transfers.ts';
import { failStuckUploads } from '../broker/send/fail-transfer.ts';
import { expireAttachments } from '../correspondence/attachments/expiry/expire-attachments.ts';
import { lookAfterKept } from '../correspondence/attachments/expiry/look-after-kept.ts';
import { initializeAttachment } from '../correspondence/attachments/initialize-attachment.ts';
import { scanAndSettle } from '../correspondence/attachments/settle-scan.ts';
import { uploadAttachment } from '../correspondence/attachments/upload-attachment.ts';
import { clearTestResource, testResource } from '../correspondence/maintenance/clear-test-resource.ts';
import { evidenceOf } from '../correspondence/testing/town.ts';
import type { Board } from './board/wire.ts';
import type { DecidedView } from './decide/wire.ts';
import { createTown, letter, send } from './testing/town.ts';

/** Every way in which what somebody has not read may go: what becomes of its bytes, how its watch ends, and by what its sender knows. */
const town = await createTown();
const { world, ctx, agency, citizen, municipality, sender, reading } = town;
const day = 86_400;
await world.resource(testResource, agency);
await world.resource('kort', agency);
await world.resource('kort-fil', agency, { type: 'BrokerService', senders: 'any', readers: ['organization'], broker: {} });
const change = (query: Sql) => world.db.all(query);
const keepFor = (resource: string, days: number) =>
  change(
    sql`update access.resource set document = jsonb_build_object('budstikke', jsonb_build_object('keepUnreadDays', ${days}::integer)) where id = ${resource}`,
  );

/** A shared file that lives two days with each letter that carries it. */
async function share(resourceId = 'brev'): Promise<AttachmentId> {
  const id = await initializeAttachment(ctx, sender, { resourceId, fileName: 'a.pdf', sendersReference: 'a', expirationInDays: 2 });
  await uploadAttachment(ctx, sender, { id, stream: Readable.from([Buffer.from('vedtaket')]), contentLength: null });
  return id;
}
const scan = (id: AttachmentId) => scanAndSettle({ ...ctx, scanner: simulatedScanner }, id);
const carry = (id: AttachmentId, to: Party = citizen, resourceId = 'brev', more = {}) =>
  send(town, letter([to], { resourceId, ...more }, { existingAttachments: [id] }));
async function carried(resource = 'brev', to: Party = citizen): Promise<{ file: AttachmentId; letter: CorrespondenceId }> {
  const file = await share(resource);
  await scan(file);
  return { file, letter: await carry(file, to, resource) };
}

const hasAddress = (address: string | null) =>
  world.db.transaction(async (tx) =>
    saveContactPoints(tx, [{ party: agency.id, points: address === null ? [] : [{ channel: 'email', address }] }]),
  );

async function pass(days: number): Promise<void> {
  await world.advance(days * day + 60);
  await expireAttachments(ctx);
  await purgeTransfers(ctx);
  await lookAfterKept(ctx);
  await lookAfterFiles(ctx);
}
/** Day by day, as the sweepers do. */
async function daysPass(days: number): Promise<void> {
  for (let n = 0; n < days; n++) await pass(1);
}

const bytesOf = async (id: string) =>
  (
    await world.db.one<{ state: string }>(sql`
      select b.state from blobs.blob b
       where b.key = coalesce((select blob_key from correspondence.attachment where id = ${id}), (select blob_key from broker.file_transfer where id = ${id}))`)
  ).state;
const outcomeOf = async (id: string) =>
  (await world.db.all<{ outcome: string | null }>(sql`select outcome from watch.item where about = ${id} order by party_id`)).map(
    ({ outcome }) => outcome ?? 'open',
  );
/** What the sender has heard of a thing since: types, without what all begin with, and how many days it was told that there are. */
const heard = async (id: string, by: Party = agency) =>
  (
    await world.db.all<{ type: string; days: number | null }>(sql`
      select type, (data ->> 'daysLeft')::integer as days from events.outbox where resource_instance = ${id} and subject = ${partyUrn(by)} order by id`)
  ).map(({ type, days }) => [type.split('.').at(-1), days].filter((part) => part !== null).join(' '));
const decide = (letterId: string, decision: string) =>
  town.json(`POST /correspondence/${letterId}/decision`, 'sender', { decision, name: 'Kari', reason: 'avtalt', source: 'på møtet' });

interface Way {
  /** Files of the program by which bytes go in this way. */
  readonly through: readonly string[];
  readonly run: () => Promise<void>;
}

const kept = 'correspondence/attachments/expiry/expire-attachments.ts';
const purged = 'broker/expire/purge-transfers.ts';
const withMessage = 'correspondence/read/purge-attachments.ts';

const ways: Readonly<Record<string, Way>> = {
  'an attachment expires and its sender decides': {
    through: [kept],
    async run() {
      const { file, letter: id } = await carried();
      await pass(2);
      assert.deepEqual([await bytesOf(file), await outcomeOf(id)], ['bound', ['open']]);
      assert.deepEqual((await heard(file)).slice(-2), ['attachmentexpired', 'expiring-unread 90']);
      const { items } = await town.json<Board>('GET /unread', 'sender');
      const { bytesUntil } = items.find((item) => item.id === id)!;
      const extract = (await (await town.call('GET /unread/extract', 'sender')).text()).split('\r\n');
      const line = extract.find((each) => each.startsWith(id))!;
      const column = extract[0]!.split(',').indexOf('bytes_until');
      assert.equal(line.split(',').at(column), bytesUntil);
      const until = new Date(bytesUntil!).getTime() - ctx.now().getTime();
      assert.ok(until > 89 * day * 1000 && until <= 90 * day * 1000, 'the board says until when');
      await hasAddress('post@etaten.example');
      await town.days(0);
      await hasAddress(null);
      assert.ok(
        town.mails.some(({ subject }) => subject?.startsWith('Ulest innhold slettes: 1 melding fra ETATEN')),
        town.mails.map(({ subject }) => subject).join(),
      );
      await decide(id, 'read-elsewhere');
      await pass(1);
      assert.deepEqual([await bytesOf(file), await outcomeOf(id)], ['released', ['read-elsewhere']]);
      assert.equal((await heard(id)).at(-1), 'decided');
    },
  },
  'an attachment expires and its sender sends the letter anew': {
    through: [kept, 'correspondence/attachments/release-shared.ts'],
    async run() {
      const { file, letter: old } = await carried();
      await pass(2);
      const { items } = await town.json<Board>('GET /unread', 'sender');
      assert.ok(items.find((item) => item.id === old)!.decisions.includes('resend'), 'the board offers it');
      const resend = () =>
        town.json(`POST /correspondence/${old}/decision`, 'sender', { decision: 'resend', name: 'Kari', reason: 'avtalt' });
      const { resentAs } = (await resend()) as DecidedView;
      assert.equal(((await resend()) as DecidedView).resentAs, resentAs, 'once');
      const [fresh] = await world.db.all<{ id: AttachmentId }>(sql`
        select l.attachment_id as id from correspondence.message m join correspondence.submission_attachment l on l.submission_id = m.submission_id
         where m.id = ${resentAs}`);
      assert.notEqual(fresh!.id, file);
      assert.deepEqual((await heard(fresh!.id)).slice(-2), ['attachmentinitialized', 'attachmentpublished']);
      await pass(1);
      assert.equal(await bytesOf(file), 'bound', 'the new letter has them');
      const read = await town.raw(`GET /correspondence/api/v1/correspondence/${resentAs}/attachment/${fresh!.id}/download`, 'reader');
      assert.equal(await read.text(), 'vedtaket');
      await allRecorded();
      assert.ok((await evidenceOf(town, resentAs!)).some((event) => event.startsWith('ContentHandover')));
      await pass(2);
      assert.equal(await bytesOf(file), 'bound', 'fetched, and its letter is not opened');
      await town.open(resentAs as CorrespondenceId, reading);
      await pass(1);
      assert.deepEqual([await bytesOf(file), await outcomeOf(resentAs!)], ['released', ['opened']]);
    },
  },
  'an attachment expires and nobody decides': {
    through: [kept],
    async run() {
      const { file, letter: id } = await carried();
      await pass(2);
      await daysPass(88);
      assert.deepEqual((await heard(file)).slice(-2), ['expiring-unread 90', 'expiring-unread 7']);
      await pass(1);
      assert.deepEqual([await bytesOf(file), (await heard(file)).at(-1)], ['bound', 'expiring-unread 1']);
      await pass(1);
      assert.deepEqual([await bytesOf(file), (await heard(file)).at(-1)], ['released', 'expired-unread 0']);
      assert.deepEqual(await outcomeOf(id), ['open'], 'the letter itself stays and is watched on');
    },
  },
  'an attachment expires while its letter is on paper, which comes back': {
    through: [kept],
    async run() {
      const [{ file, letter: id }, arrived] = [await carried(), await carried()];
      const key = { about: id, party: citizen.id };
      await world.db.transaction((tx) => noteRelayed(tx, [key, { about: arrived.letter, party: citizen.id }], ctx.now()));
      await pass(2);
      await daysPass(20);
      assert.deepEqual([await bytesOf(file), await bytesOf(arrived.file), await outcomeOf(id)], ['bound', 'bound', ['relayed']]);
      await hasAddress('post@etaten.example');
      const mailed = town.mails.length;
      const said = { at: ctx.now(), console: 'https://post.example/console' };
      await world.db.transaction((tx) => noteReturned(tx, [key], said));
      await town.days(0);
      await hasAddress(null);
      const { items } = await town.json<Board>('GET /unread', 'sender');
      const item = items.find((each) => each.id === id)!;
      const until = new Date(item.bytesUntil!).getTime() - ctx.now().getTime();
      assert.ok(until > 69 * day * 1000 && until <= 70 * day * 1000, 'the board says until when');
      assert.deepEqual(item.decisions, ['recall', 'resend', 'read-elsewhere', 'accept-as-unread'], 'its file can be sent anew');
      assert.ok(
        town.mails.slice(mailed).some(({ subject }) => subject?.startsWith('Ulest innhold slettes: 1 melding fra ETATEN')),
        town.mails.map(({ subject }) => subject).join(),
      );
      await daysPass(41);
      assert.deepEqual(
        [await bytesOf(file), await bytesOf(arrived.file)],
        ['bound', 'released'],
        'what has not come back by then has arrived',
      );
      await decide(id, 'read-elsewhere');
      await pass(1);
      assert.equal(await bytesOf(file), 'released');
    },
  },
  'an attachment expires of a resource that keeps as little as it may': {
    through: [kept],
    async run() {
      await keepFor('kort', 0);
      const { file, letter: id } = await carried('kort');
      await pass(2);
      assert.deepEqual([await bytesOf(file), (await heard(file)).at(-1)], ['bound', 'expiring-unread 1'], 'its sender has a day');
      await pass(1);
      assert.deepEqual([await bytesOf(file), await outcomeOf(id)], ['released', ['open']]);
      assert.deepEqual((await heard(file)).slice(-3), ['attachmentexpired', 'expiring-unread 1', 'expired-unread 0']);
    },
  },
  'an attachment expires of a resource that keeps as little as it may, while its letter is on paper': {
    through: [kept],
    async run() {
      await keepFor('kort', 0);
      const { file, letter: id } = await carried('kort');
      const key = { about: id, party: citizen.id };
      await change(sql`
        insert into relay.shipment (id, about, party_id, sender_id, resource_id, confidential, address, state, due_at, accepted_at, changed_at)
        values (${newId()}, ${id}, ${citizen.id}, ${agency.id}, 'kort', false, array['OLA NORDMANN'], 'printed', clock.now(), clock.now(), clock.now())`);
      await pass(2);
      await daysPass(2);
      const still = ['bound', 'expiring-unread 1'];
      assert.deepEqual([await bytesOf(file), (await heard(file)).at(-1)], still, 'the print house has it');
      await change(sql`update relay.shipment set state = 'posted', posted_at = clock.now() where about = ${id}`);
      await world.db.transaction((tx) => noteRelayed(tx, [key], ctx.now()));
      await daysPass(3);
      assert.deepEqual([await bytesOf(file), (await heard(file)).at(-1)], still, 'it may come back');
      await change(sql`update relay.shipment set state = 'returned', reason = 'other' where about = ${id}`);
      await world.db.transaction((tx) => noteReturned(tx, [key], { at: ctx.now(), console: 'https://post.example/console' }));
      await daysPass(2);
      assert.deepEqual([await bytesOf(file), (await heard(file)).at(-1)], ['released', 'expired-unread 0']);
    },
  },
  'an attachment expires of a resource that keeps ten days, as its document says': {
    through: [kept],
    async run() {
      await keepFor('kort', 10);
      const { file } = await carried('kort');
      await pass(2);
      await daysPass(9);
      assert.deepEqual((await heard(file)).slice(-3), ['expiring-unread 10', 'expiring-unread 7', 'expiring-unread 1']);
      await pass(1);
      assert.deepEqual([await bytesOf(file), (await heard(file)).at(-1)], ['released', 'expired-unread 0']);
    },
  },
  'a file’s time is over before it is fetched, and its sender decides': {
    through: [purged],
    async run() {
      const id = await town.sendFile('files', agency, [municipality]);
      await pass(30);
      assert.deepEqual([await bytesOf(id), await outcomeOf(id)], ['bound', ['open']]);
      assert.deepEqual((await heard(id)).slice(-3), ['filepurged', 'fileneverconfirmeddownloaded', 'expiring-unread 90']);
      const words = { name: 'Kari', reason: 'avtalt' };
      await town.json(`POST /filetransfer/${id}/recipients/${municipality.number}/accept-unfetched`, 'files', words);
      await lookAfterFiles(ctx);
      assert.deepEqual([await bytesOf(id), await outcomeOf(id)], ['released', ['accepted-unread']]);
    },
  },
  'a file is fetched and never confirmed, and nobody decides': {
    through: [purged],
    async run() {
      const id = await town.sendFile('files', agency, [municipality]);
      assert.equal(await (await town.raw(`GET /broker/api/v1/filetransfer/${id}/download`, 'fetcher')).text(), 'bytene');
      await allRecorded();
      await pass(30);
      await daysPass(89);
      assert.deepEqual((await heard(id)).slice(-3), ['expiring-unread 90', 'expiring-unread 7', 'expiring-unread 1']);
      assert.equal(await bytesOf(id), 'bound');
      await pass(1);
      assert.deepEqual([await bytesOf(id), (await heard(id)).at(-1), await outcomeOf(id)], ['released', 'expired-unread 0', ['open']]);
    },
  },
  'a file’s time is over on a resource that keeps as little as it may': {
    through: [purged],
    async run() {
      await keepFor('filer', 0);
      const id = await town.sendFile('files', agency, [municipality]);
      const mailed = town.mails.length;
      await hasAddress('post@etaten.example');
      await pass(30);
      await town.days(0);
      await hasAddress(null);
      await change(sql`update access.resource set document = null where id = 'filer'`);
      assert.ok((await bytesOf(id)) === 'bound' && (await heard(id)).includes('expiring-unread 1'), 'its sender has a day');
      const subjects = town.mails.slice(mailed).map(({ subject }) => subject);
      assert.ok(
        subjects.some((subject) => subject?.includes('slettes')),
        subjects.join(),
      );
      await pass(1);
      assert.deepEqual([await bytesOf(id), (await heard(id)).at(-1)], ['released', 'expired-unread 0']);
    },
  },
  'the sender takes a file back': {
    through: ['broker/decide/recall-transfer.ts', purged],
    async run() {
      const id = await town.sendFile('files', agency, [municipality]);
      await town.json(`POST /filetransfer/${id}/recall`, 'files', { name: 'Kari', reason: 'feil fil' });
      assert.deepEqual([await bytesOf(id), await outcomeOf(id), (await heard(id)).at(-1)], ['released', ['recalled'], 'recalled']);
    },
  },
  'an upload never comes to its end': {
    through: ['broker/send/fail-transfer.ts', 'broker/tus/store.ts', 'broker/tus/finish-upload.ts'],
    async run() {
      const body = { fileName: 'a.zip', resourceId: 'filer', sendersFileTransferReference: '1', propertyList: {}, disableVirusScan: true };
      const to = { sender: `0192:${agency.number}`, recipients: [`0192:${municipality.number}`] };
      const made = await town.raw('POST /broker/api/v1/filetransfer', 'files', JSON.stringify({ ...body, ...to }));
      const { fileTransferId: id } = (await made.json()) as { fileTransferId: string };
      await change(
        sql`update broker.file_transfer set state = 'UploadStarted', upload_id = gen_random_uuid(), upload_began_at = clock.now(), upload_seen_at = now() - interval '1 day' where id = ${id}`,
      );
      await world.advance(2 * day);
      await failStuckUploads(ctx);
      assert.equal((await heard(id)).at(-1), 'uploadfailed');
      assert.deepEqual([await outcomeOf(id), (await town.watch(id)).state], [['open'], 'failed'], 'until a mail to its sender is taken');
    },
  },
  'the recipient deletes a letter': {
    through: [withMessage],
    async run() {
      const file = await share();
      await scan(file);
      const [mine, other] = [await carry(file), await carry(file, municipality)];
      const deleted = await town.raw(`DELETE /correspondence/api/v1/correspondence/${mine}/purge`, 'reader');
      assert.equal(deleted.status, 200, await deleted.text());
      assert.deepEqual(
        [await outcomeOf(mine), (await heard(mine)).slice(-2)],
        [['deleted-by-recipient'], ['correspondencepurged', 'deleted-unread']],
      );
      assert.equal(await bytesOf(file), 'bound', 'somebody else has not opened it');
      await decide(other, 'recall');
      assert.deepEqual([await bytesOf(file), await outcomeOf(other)], ['released', ['recalled']]);
    },
  },
  'the sender deletes a letter before it is published': {
    through: [withMessage],
    async run() {
      const file = await share();
      await scan(file);
      const requestedPublishTime = new Date(ctx.now().getTime() + 10 * day * 1000).toISOString();
      const id = await carry(file, citizen, 'brev', { requestedPublishTime });
      const deleted = await town.raw(`DELETE /correspondence/api/v1/correspondence/${id}/purge`, 'sender');
      assert.equal(deleted.status, 200, await deleted.text());
      assert.deepEqual(
        [await bytesOf(file), await outcomeOf(id), (await heard(id)).at(-1)],
        ['released', ['recalled'], 'correspondencepurged'],
      );
    },
  },
  'the sender deletes a file that letters carry': {
    through: ['correspondence/attachments/purge-attachment.ts'],
    async run() {
      const { file } = await carried();
      const refused = await world.nothingWritten(() => town.raw(`DELETE /correspondence/api/v1/attachment/${file}`, 'sender'));
      assert.deepEqual([refused.status, await bytesOf(file)], [400, 'bound']);
    },
  },
  'malware is found in a file after it was sent': {
    through: [],
    async run() {
      const malware = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}', '$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('');
      const attachments = [{ fileName: 'ond.txt', sendersReference: '1' }] as never;
      const id = await send(town, letter([citizen], { content: { attachments } }), [await world.file('ond.txt', malware)]);
      const [file] = await world.db.all<{ id: AttachmentId }>(sql`
        select l.attachment_id as id from correspondence.message m join correspondence.submission_attachment l on l.submission_id = m.submission_id where m.id = ${id}`);
      await scan(file!.id);
      assert.deepEqual([await outcomeOf(id), (await town.watch(id)).state], [['open'], 'failed']);
      assert.ok((await heard(id)).includes('correspondencepublishfailed'));
    },
  },
  'the test resource is cleared': {
    through: ['correspondence/maintenance/clear-test-resource.ts', withMessage],
    async run() {
      const { file, letter: id } = await carried(testResource);
      await clearTestResource.run(ctx, { before: ctx.now().toISOString() });
      assert.deepEqual(
        [await bytesOf(file), await outcomeOf(id), (await heard(id)).at(-1)],
        ['released', ['recalled'], 'correspondencepurged'],
      );
    },
  },
  'a service ends': {
    through: [],
    async run() {
      const { file, letter: id } = await carried();
      await change(sql`update access.resource set deleted_at = clock.now() where id = 'brev'`);
      await town.open(id, reading);
      await change(sql`update access.resource set deleted_at = null where id = 'brev'`);
      assert.deepEqual([await bytesOf(file), await outcomeOf(id)], ['bound', ['opened']]);
    },
  },
  'what the sender was told is forgotten after ninety days': {
    through: [],
    async run() {
      const id = await send(town, letter([citizen]));
      await world.advance(91 * day);
      while ((await forgetEvents(ctx)) === 'more');
      const { items } = await town.json<{ items: { id: string }[] }>('GET /unread?sort=newest', 'sender');
      assert.ok(
        items.some((item) => item.id === id),
        'it stands on the board until it has ended',
      );
    },
  },
};

town.callers.reader = { ...reading, scopes: new Set(['altinn:portal/enduser', 'altinn:correspondence.read']) };

for (const [way, { run }] of Object.entries(ways))
  test(`given post that nobody has read, when ${way}, then nothing is lost in silence`, run);

test('given the program, when it lets bytes of post go, then it is by a way that stands in this table', () => {
  const server = new URL('../', import.meta.url);
  const found = ['correspondence', 'broker']
    .flatMap((feature) => globSync(`${feature}/**/*.ts`, { cwd: server }))
    .filter((file) => !file.includes('.test.') && /release(?:Blobs|Shared)\(/.test(readFileSync(new URL(file, server), 'utf8')));
  assert.deepEqual(found.sort(), [...new Set(Object.values(ways).flatMap(({ through }) => through))].sort());
});

test('given a program with a mistake, when it would let go what somebody has not read, or forget whom it was for, then the database refuses', async () => {
  const { file, letter: id } = await carried();
  const transfer = await town.sendFile('files', agency, [municipality]);
  for (const lost of [file, transfer]) {
    await world.nothingWritten(() =>
      assert.rejects(
        change(sql`
          update blobs.blob set state = 'released'
           where key in (select blob_key from correspondence.attachment where id = ${lost} union select blob_key from broker.file_transfer where id = ${lost})`),
        { code: 'BS046' },
      ),
    );
  }
  await assert.rejects(change(sql`delete from correspondence.message where id = ${id}`), { code: 'BS007' });
  await assert.rejects(change(sql`delete from broker.file_transfer where id = ${transfer}`), { code: 'BS007' });
  await assert.rejects(change(sql`delete from watch.item where about in (${id}, ${transfer})`), { code: 'BS007' });
});
