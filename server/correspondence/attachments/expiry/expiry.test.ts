import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { sql } from '#kernel/database.ts';
import type { AttachmentId, CorrespondenceId } from '#kernel/ids.ts';
import { Refusal } from '#kernel/refusal.ts';
import { partyUrn } from '#register/index.ts';
import { beginKeeping, decideKeeping } from '#watch/index.ts';
import { downloadAttachment } from '../../download/download-attachment.ts';
import { getDetails } from '../../read/look-at-message.ts';
import { openMessage } from '../../read/open-message.ts';
import { purgeMessage } from '../../read/purge-message.ts';
import { findNextExpiry } from '../../store/expiry.ts';
import { createTown, eventsOf, evidenceOf, letter, outcomeOf, rows, scan, send } from '../../testing/town.ts';
import { initializeAttachment } from '../initialize-attachment.ts';
import { purgeAttachment } from '../purge-attachment.ts';
import { getAttachmentDetails } from '../read-attachment.ts';
import { uploadAttachment } from '../upload-attachment.ts';
import { expireAttachments } from './expire-attachments.ts';
import { lookAfterKept } from './look-after-kept.ts';
import { noteGoing } from './note-going.ts';

const town = await createTown();
const { world, agency, citizen, municipality, sender, reading } = town;
const { ctx } = world;
const day = 86_400;

function refusal(code: number): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof Refusal, String(error));
    assert.equal(error.row.code, code, error.message);
    return true;
  };
}

/** A shared file that lives so many days with each message that carries it. */
async function share(expirationInDays: number | null = 2): Promise<AttachmentId> {
  const id = await initializeAttachment(ctx, sender, { resourceId: 'brev', fileName: 'a.pdf', sendersReference: 'a', expirationInDays });
  await uploadAttachment(ctx, sender, { id, stream: Readable.from([Buffer.from('vedtaket')]), contentLength: null });
  await scan(town, [id]);
  return id;
}

const carry = (id: AttachmentId, to = citizen) => send(town, letter([to], {}, { existingAttachments: [id] }));
const stateOf = async (id: AttachmentId) => (await getAttachmentDetails(ctx, sender, id)).status;
const expire = () => expireAttachments(ctx);
const look = () => lookAfterKept(ctx);

interface Bytes {
  readonly blob: string;
  readonly kept: boolean;
}

async function bytesOf(id: AttachmentId): Promise<Bytes> {
  const [found] = await rows<Bytes>(
    town,
    sql`select b.state as blob, a.kept_until is not null as kept from correspondence.attachment a join blobs.blob b on b.key = a.blob_key where a.id = ${id}`,
  );
  return found!;
}

test('given a file that several letters carry, when the last of their times is over, then it expires, and not before', async () => {
  const id = await share();
  const first = await carry(id);
  await world.advance(day);
  const second = await carry(id);
  await openMessage(ctx, reading, first);
  await openMessage(ctx, reading, second);
  assert.ok((await findNextExpiry(world.db))! > ctx.now());

  await world.advance(day + 60);
  await expire();
  assert.equal(await stateOf(id), 'Published', 'the second letter still has it');
  await assert.rejects(downloadAttachment(ctx, reading, { correspondenceId: first, attachmentId: id }), refusal(2020));
  const early = await downloadAttachment(ctx, reading, { correspondenceId: second, attachmentId: id });
  early.stream.resume();
  await early.recordEnd(true);

  await world.advance(day);
  await expire();
  const { status, statusText } = await getAttachmentDetails(ctx, sender, id);
  assert.deepEqual([status, statusText], ['Expired', 'The attachment has expired']);
  const [event] = await rows<{ type: string; subject: string; source: string }>(
    town,
    sql`select type, subject, source from events.outbox where resource_instance = ${id} order by id desc limit 1`,
  );
  assert.deepEqual(event, {
    type: 'no.altinn.correspondence.attachmentexpired',
    subject: partyUrn(agency),
    source: '/correspondence/api/v1/attachment',
  });
  assert.deepEqual(await bytesOf(id), { blob: 'released', kept: false });
  assert.equal((await evidenceOf(town, id)).at(-1), 'ContentPurged recorded');
  assert.equal(await ctx.blobs.sweep(ctx), 1, 'the sweeper takes the bytes');
  for (const correspondenceId of [first, second]) {
    await assert.rejects(downloadAttachment(ctx, reading, { correspondenceId, attachmentId: id }), refusal(2020));
  }
  assert.equal((await getDetails(ctx, reading, first)).content.attachments[0]!.status, 'Expired');
  await world.nothingWritten(() => expire());
  await world.nothingWritten(() => assert.rejects(purgeAttachment(ctx, sender, id), refusal(2018)));
  await world.nothingWritten(() => assert.rejects(carry(id), refusal(1018)));
});

test('given a file that is soon over, when a new letter would carry it, then it is refused within six hours of the end', async () => {
  const id = await share();
  await carry(id);
  await world.advance(2 * day - 7 * 3600);
  await carry(id);
  const other = await share();
  await carry(other);
  await world.advance(2 * day - 5 * 3600);
  await world.nothingWritten(() => assert.rejects(carry(other), refusal(1055)));
});

test('given letters of which the one that lasts longest is deleted, when the times of the rest are over, then the file expires with that one’s time', async () => {
  const id = await share();
  const first = await carry(id);
  await world.advance(day);
  const second = await carry(id);
  await openMessage(ctx, reading, first);
  await purgeMessage(ctx, reading, second);
  await world.advance(day + 60);
  await expire();
  assert.equal(await stateOf(id), 'Expired');
});

test('given a file without a time, or one whose letters are all deleted, when times pass, then nothing expires', async () => {
  const lasting = await share(null);
  await carry(lasting);
  const gone = await share();
  await purgeMessage(ctx, reading, await carry(gone));
  assert.equal(await stateOf(gone), 'Purged');
  assert.equal((await bytesOf(gone)).blob, 'released');
  await world.advance(30 * day);
  await expire();
  assert.deepEqual([await stateOf(lasting), await stateOf(gone)], ['Published', 'Purged']);
  await world.nothingWritten(() => expire());
});

test('given a letter that nobody has opened, when its file expires, then clients see it and the bytes stay until it is opened', async () => {
  const id = await share();
  const unread = await carry(id);
  const other = await carry(id, municipality);
  await openMessage(ctx, town.leading, other);
  await world.advance(2 * day + 60);
  await expire();

  assert.equal(await stateOf(id), 'Expired');
  assert.deepEqual((await eventsOf(town, id)).slice(-2), ['attachmentexpired', 'no.budstikke.watch.expiring-unread']);
  assert.deepEqual(await bytesOf(id), { blob: 'bound', kept: true });
  await world.nothingWritten(() =>
    assert.rejects(downloadAttachment(ctx, reading, { correspondenceId: unread, attachmentId: id }), refusal(2020)),
  );
  const before = await world.counts();
  await look();
  assert.deepEqual(await world.counts(), before, 'nothing but the time of the next look');
  await world.advance(3 * day);
  await look();
  assert.deepEqual(await bytesOf(id), { blob: 'bound', kept: true });

  await openMessage(ctx, reading, unread);
  assert.equal(await outcomeOf(town, unread), 'opened');
  await world.advance(day);
  await look();
  assert.deepEqual(await bytesOf(id), { blob: 'released', kept: false });
  assert.equal((await evidenceOf(town, id)).at(-1), 'ContentPurged recorded');
  const after = await world.counts();
  await look();
  assert.deepEqual(await world.counts(), after);
});

test('given a letter that nobody ever opens, when 90 days have passed since its file expired, then the owner was warned twice and the bytes go', async () => {
  const id = await share();
  await carry(id);
  await world.advance(2 * day + 60);
  await expire();
  const warningsOf = () =>
    rows<{ daysLeft: number; subject: string }>(
      town,
      sql`select (data ->> 'daysLeft')::int as "daysLeft", subject from events.outbox
           where resource_instance = ${id} and type like 'no.budstikke.watch.expir%-unread' order by id`,
    );

  await world.advance(82 * day);
  await look();
  /** Steps by which its sender is told of it by mail. */
  const tellings = () =>
    rows<{ n: number }>(
      town,
      sql`
      select count(*)::integer as n from watch.step s join watch.item i on i.about = s.about and i.party_id = s.party_id
       where s.name = 'tell-expiring' and i.bytes_until = (select max(a.unread_until) from correspondence.attachment a where a.id = ${id})`,
    ).then(([found]) => found!.n);
  assert.equal(await tellings(), 1, 'the first when its time is over');
  const told = (...days: number[]) => days.map((daysLeft) => ({ daysLeft, subject: partyUrn(agency) }));
  assert.deepEqual(await warningsOf(), told(90));
  await world.advance(day + 60);
  await look();
  await world.advance(day);
  await look();
  assert.deepEqual(await warningsOf(), told(90, 7));
  await world.advance(5 * day);
  await look();
  assert.deepEqual(await warningsOf(), told(90, 7, 1));
  assert.equal(await tellings(), 3, 'and with each warning');
  assert.deepEqual(await bytesOf(id), { blob: 'bound', kept: true });

  await world.advance(day);
  await look();
  assert.deepEqual(await bytesOf(id), { blob: 'released', kept: false });
  assert.deepEqual(await warningsOf(), told(90, 7, 1, 0));
});

test('given a file at its end, when it expires in two processes while a letter with it is deleted, then it ends once', async () => {
  for (let round = 0; round < 3; round++) {
    const id = await share();
    const correspondenceId: CorrespondenceId = await carry(id);
    await world.advance(2 * day + 60);

    await Promise.all([expire(), purgeMessage(ctx, reading, correspondenceId), expire()]);
    await expire();
    await world.advance(day);
    await look();

    const { statusHistory } = await getAttachmentDetails(ctx, sender, id);
    assert.equal(statusHistory.filter(({ status }) => status === 'Expired' || status === 'Purged').length, 1);
    assert.deepEqual(await bytesOf(id), { blob: 'released', kept: false });
  }
});

test('given kept bytes at every hour of their last days, when it is decided, then no warning comes twice and none is left out', () => {
  const expired = new Date('2026-01-01T00:00:00Z');
  const { until } = beginKeeping(expired);
  assert.equal(until.toISOString(), '2026-04-01T00:00:00.000Z');
  const heard: number[] = [];
  let warned = 0;
  for (let at = expired.getTime(); ; ) {
    const decision = decideKeeping({ until, warned, isUnread: true }, new Date(at));
    if (decision.kind === 'release') {
      assert.deepEqual([decision.why, at], ['time is over', until.getTime()]);
      break;
    }
    if (decision.warnsOfDays !== null) heard.push(decision.warnsOfDays);
    assert.ok(decision.lookAt.getTime() > at && decision.lookAt <= until);
    warned = decision.warned;
    at = decision.lookAt.getTime();
  }
  assert.deepEqual(heard, [7, 1]);
  assert.deepEqual(decideKeeping({ until, warned: 0, isUnread: false }, expired), { kind: 'release', why: 'decided' });
  const late = decideKeeping({ until, warned: 0, isUnread: true }, new Date(until.getTime() - 1000));
  assert.equal(late.kind === 'keep' && late.warnsOfDays, 1, 'a missed warning is made good by the next');
});

test('given a file that many letters carry, when the server dies while their watches are told until when its bytes are there, then the next goes on, and their sender is told once, of all', async () => {
  const id = await share();
  for (let n = 0; n < 5; n++) await carry(id);
  await world.advance(2 * day + 60);
  const dyingAfter = (most: number) => {
    let transactions = 0;
    const transaction: typeof ctx.db.transaction = (work) =>
      ++transactions > most ? Promise.reject(new Error('killed')) : ctx.db.transaction(work);
    return { ...ctx, db: { ...ctx.db, transaction } };
  };
  const told = async () =>
    (
      await rows<{ watches: number; steps: number; open: number }>(
        town,
        sql`
        select count(i.bytes_until)::integer as watches, count(s.id)::integer as steps, (select count(*)::integer from correspondence.going) as open
          from correspondence.submission_attachment l
          join correspondence.message m on m.submission_id = l.submission_id
          join watch.item i on i.about = m.id
          left join watch.step s on s.about = i.about and s.name = 'tell-expiring'
         where l.attachment_id = ${id}`,
      )
    )[0];

  await assert.rejects(expireAttachments(dyingAfter(1)), /killed/);
  assert.equal(await stateOf(id), 'Expired');
  assert.deepEqual(await told(), { watches: 0, steps: 0, open: 1 });
  assert.ok((await findNextExpiry(world.db))! <= ctx.now(), 'it is due');
  await assert.rejects(noteGoing(dyingAfter(2), 2), /killed/);
  assert.deepEqual(await told(), { watches: 4, steps: 0, open: 1 });
  await Promise.all([expire(), look()]);

  assert.deepEqual(await told(), { watches: 5, steps: 5, open: 0 });
  await expire();
  assert.deepEqual(await told(), { watches: 5, steps: 5, open: 0 });
});
