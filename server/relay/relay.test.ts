import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { afterEach, test } from 'node:test';
import { sql } from '#kernel/database.ts';
import { newId } from '#kernel/ids.ts';
import type { DeliveryFailure } from '#notifications/index.ts';
import { type Party, saveContactPoints } from '#register/index.ts';
import { findSealed, listSealed, noteDeliveryFailed, sweepCauses, takeDueSteps, tellMailsAgain } from '#watch/index.ts';
import { confirmMessage } from '../correspondence/read/confirm-message.ts';
import { openMessage } from '../correspondence/read/open-message.ts';
import { purgeMessage } from '../correspondence/read/purge-message.ts';
import { type Differs, eventsOf, evidenceOf, outcomeOf } from '../correspondence/testing/town.ts';
import { unreadInvariants } from '../unread/invariants.ts';
import { watchInvariants } from '../watch/invariants.ts';
import { listReturnedTo } from '../watch/store/told.ts';
import { handOverLetters } from './hand-over-letters.ts';
import { relayInvariants } from './invariants.ts';
import { type StatusReport, settleStatus } from './status/settle-status.ts';
import { openPress, stepsOf } from './testing/press.ts';

const press = await openPress();
const { town, ctx } = press;
const { world, citizen } = town;

const pdf = '%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n';
const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);
const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');
const house = { actor: { kind: 'organization', party: town.agency.id } } as const;
const says = (shipment: string, status: StatusReport['status'], more: Partial<StatusReport> = {}) =>
  settleStatus(ctx, [{ shipment, status, at: null, reason: null, answer: null, ...more }], house);
const relayEvents = async (id: string) =>
  (await eventsOf(town, id)).filter((type) => type.includes('relay.')).map((type) => type.split('relay.')[1]);
const paperEvidence = async (id: string) => (await evidenceOf(town, id)).filter((event) => event.startsWith('RelayToNonERDS'));

afterEach(async () => {
  for (const { name, find } of relayInvariants) assert.deepEqual(await world.db.all(find), [], name);
});

test('given a letter with files that nobody opens, when its ladder turns to paper, then the print house gets it once, whole, with a manifest of hashes, and the watch stays open', async () => {
  const id = await press.toPaper(
    citizen,
    { content: { messageTitle: 'Vedtak om čáhci', messageBody: '# Hei\n\nDu har fått **et** vedtak.' } },
    { 'vedtak.pdf': pdf, 'kart.JPG': jpeg },
  );
  assert.equal((await stepsOf(press, id))[0], 'print done');
  await handOverLetters(ctx);
  await handOverLetters(ctx);

  const shipment = await press.shipment(id);
  assert.equal(shipment.state, 'dropped');
  assert.deepEqual(await press.drop(), { [shipment.id]: ['enclosed-001.pdf', 'enclosed-002.jpg', 'letter.pdf', 'manifest.json'] });
  const manifest = JSON.parse((await press.read(shipment.id, 'manifest.json')).toString());
  assert.deepEqual(
    { ...manifest, acceptedAt: null, letter: { ...manifest.letter, sizeBytes: null } },
    {
      version: 1,
      shipment: shipment.id,
      message: id,
      reference: 'sak-1',
      sender: 'ETATEN',
      confidential: false,
      language: 'nb',
      address: ['OLA NORDMANN', 'Storgata 1', '3717 SKIEN'],
      acceptedAt: null,
      letter: { file: 'letter.pdf', mediaType: 'application/pdf', sizeBytes: null, sha256: shipment.letterSha256 },
      enclosed: [
        { file: 'enclosed-001.pdf', mediaType: 'application/pdf', sizeBytes: pdf.length, sha256: sha256(pdf), name: 'vedtak.pdf' },
        { file: 'enclosed-002.jpg', mediaType: 'image/jpeg', sizeBytes: jpeg.length, sha256: sha256(jpeg), name: 'kart.JPG' },
      ],
    },
  );
  for (const { file, sha256: said } of [manifest.letter, ...manifest.enclosed])
    assert.equal(sha256(await press.read(shipment.id, file)), said);
  assert.equal(await outcomeOf(town, id), null);
  assert.deepEqual(await relayEvents(id), ['dropped']);
  assert.deepEqual(await paperEvidence(id), []);
});

test('given a letter that was dropped, when the house says printed and then posted, then the watch ends as relayed at the latter, evidence names who said so, and a repeat writes nothing', async () => {
  const id = await press.toPaper(citizen);
  await handOverLetters(ctx);
  const { id: shipment } = await press.shipment(id);

  assert.equal(await says(shipment, 'printed'), 1);
  assert.deepEqual([await outcomeOf(town, id), await paperEvidence(id)], [null, []]);
  assert.equal(await says(shipment, 'posted', { answer: 'sekk 12', at: new Date('2026-11-30T10:00:00Z') }), 1);
  assert.equal(await outcomeOf(town, id), 'relayed');
  assert.deepEqual((await paperEvidence(id)).length, 1);
  const [row] = await world.db.all<{ core: string; who: string; what: string }>(sql`
    select core::text, who::text, what::text from evidence.evidence where about = ${id} and event = 20`);
  assert.match(row!.core, /"proves":"relayed"/);
  assert.match(row!.who, new RegExp(town.agency.id));
  assert.match(row!.who, /sekk 12/);
  assert.match(row!.what, /letterSha256/);
  assert.deepEqual(await relayEvents(id), ['dropped', 'printed', 'posted']);

  await world.nothingWritten(async () => {
    for (const status of ['printed', 'posted'] as const) assert.equal(await says(shipment, status), 0);
    assert.equal(await says(newId(), 'posted'), 0);
  });
});

const cannot: readonly [what: string, reason: string, to: Party, differs: Differs, files?: Record<string, string | Buffer>][] = [
  ['to somebody of whom no address is known', 'no-postal-address', town.leader, {}],
  ['with a file that is not printed', 'attachment-not-printable', citizen, {}, { 'tabell.xlsx': 'x' }],
  ['with letters that the typeface lacks', 'characters-not-printable', citizen, { content: { messageTitle: '漢字' } }],
  ['that is written from right to left', 'characters-not-printable', citizen, { content: { messageBody: 'שלום' } }],
];
for (const [what, reason, to, differs, files] of cannot) {
  test(`given a letter ${what}, when its ladder turns to paper, then the step is passed over as ${reason}, and the sender is to decide`, async () => {
    const id = await press.toPaper(to, differs, files);

    assert.equal((await stepsOf(press, id))[0], `print skipped ${reason}`);
    assert.equal(await press.shipment(id), undefined);
    assert.ok((await eventsOf(town, id)).includes('no.budstikke.watch.decision-needed'));
    assert.equal(await outcomeOf(town, id), null);
  });
}

for (const [what, bytes] of [
  ['that is no PDF whatever its name', 'hei'],
  ['that is locked', `%PDF-1.4\n${'x'.repeat(70_000)}\ntrailer << /Encrypt 5 0 R >>`],
] as const) {
  test(`given a letter with a file ${what}, when it is packed, then the house gets nothing, and the sender is asked at once`, async () => {
    const id = await press.toPaper(citizen, {}, { 'vedtak.pdf': bytes });
    const before = await press.drop();
    await handOverLetters(ctx);

    const { state, reason } = await press.shipment(id);
    assert.deepEqual([state, reason], ['refused', 'attachment-not-printable']);
    assert.deepEqual(await press.drop(), before);
    assert.deepEqual(await relayEvents(id), ['refused']);
    assert.equal((await paperEvidence(id)).length, 1);
    await takeDueSteps(ctx);
    assert.ok((await stepsOf(press, id)).includes('await-decision skipped no-contact-point')); // the agency has no address; the event is there
    assert.ok((await eventsOf(town, id)).includes('no.budstikke.watch.decision-needed'));
    assert.equal(await outcomeOf(town, id), null);
  });
}

test('given a letter that was taken for paper, when it is opened before it is packed, then nothing is printed, and opened it is', async () => {
  const id = await press.toPaper(citizen);
  await openMessage(ctx, town.reading, id);
  const before = await press.drop();
  await handOverLetters(ctx);

  assert.equal((await press.shipment(id)).state, 'cancelled');
  assert.deepEqual(await press.drop(), before);
  assert.equal(await outcomeOf(town, id), 'opened');
});

test('given a print house that cannot be reached, when every attempt has come to nothing, then the letter is refused and the sender asked; until then it waits', async () => {
  const id = await press.toPaper(citizen);
  const away = { ...ctx, printHouse: { drop: () => Promise.reject(new Error('no such share')) } };
  await handOverLetters(away);
  await handOverLetters(away);
  assert.deepEqual([(await press.shipment(id)).state, (await press.shipment(id)).attempts], ['accepted', 1]);
  for (const minutes of [1, 5, 15, 60, 240, 480, 720, 1440]) {
    await world.advance(minutes * 60 + 1);
    await handOverLetters(away);
  }
  const { state, reason, attempts } = await press.shipment(id);
  assert.deepEqual([state, reason, attempts], ['refused', 'print-house-unreachable', 9]);
  assert.deepEqual(await relayEvents(id), ['refused']);
});

test('given a letter that the house sends back, when it was posted or never was, then the sender hears of it, and its watch is open until it decides', async () => {
  await world.db.transaction(async (tx) =>
    saveContactPoints(tx, [{ party: town.agency.id, points: [{ channel: 'email', address: 'post@etaten.example' }] }]),
  );
  const [never, posted] = [await press.toPaper(citizen), await press.toPaper(citizen)];
  await handOverLetters(ctx);
  const [first, second] = [await press.shipment(never), await press.shipment(posted)];
  await says(first.id, 'returned', { reason: 'not-printable' });
  await says(second.id, 'posted');
  await says(second.id, 'returned', { reason: 'address-unknown', answer: 'ukjent på adressen' });

  assert.deepEqual([await outcomeOf(town, never), await outcomeOf(town, posted)], [null, null]);
  await takeDueSteps(ctx);
  for (const id of [never, posted]) {
    const asked = (await eventsOf(town, id)).filter((type) => type === 'no.budstikke.watch.decision-needed');
    assert.ok(asked.length > 0, id);
  }
  assert.deepEqual(await relayEvents(posted), ['dropped', 'posted', 'returned']);
  const mails = await world.db.pool.query(`select subject, body from notifications.notice where purpose = 'paper-returned'`);
  assert.deepEqual(mails.rows.length, 1, 'of the one that was posted');
  assert.match(mails.rows[0].subject, /^Kom i retur på papir: 1 melding fra /);
  assert.ok(mails.rows[0].body.includes(`Ingen har lest innholdet. Det gjelder post til ${citizen.name}.`), mails.rows[0].body);
  assert.deepEqual([...(await listReturnedTo(world.db, [town.agency.id], 3)).values()], [[citizen.name]]);
  await world.db.pool.query('update watch.item set confidential = true where about = $1', [posted]);
  assert.deepEqual([...(await listReturnedTo(world.db, [town.agency.id], 3)).values()], [], 'of confidential post no recipient is named');
  await world.db.pool.query('update watch.item set confidential = false where about = $1', [posted]);
  const unheard = unreadInvariants.find(({ name }) => name.startsWith('no mail to a sender'))!;
  const isFailed = (failed: boolean) =>
    world.db.pool.query(
      `update notifications.notice set state = $1, failure = $2, message_id = 'tried', changed_at = clock.now() where purpose = 'paper-returned'`,
      failed ? ['failed', 'address-rejected'] : ['due', null],
    );
  await isFailed(true);
  assert.equal((await world.db.all(unheard.find)).length, 1, 'a mail that came to nothing rings');
  await isFailed(false);
  assert.equal((await paperEvidence(posted)).length, 2);
  assert.equal((await press.shipment(posted)).reason, 'address-unknown');

  await world.advance(2 * 86_400); // so that it has a cause, which is stored
  await sweepCauses(ctx);
  const { cause, asked } = await world.db.one<{ cause: string; asked: boolean }>(
    sql`select cause, asked_at is not null as asked from watch.item where about = ${posted}`,
  );
  assert.deepEqual([cause, asked], ['returned', true]);
  await world.advance(6 * 86_400);
  await takeDueSteps(ctx);
  assert.equal((await stepsOf(press, posted)).filter((line) => line === 'await-decision done').length, 1, 'asked again, a week on');
  await openMessage(ctx, town.reading, posted);
  assert.equal(await outcomeOf(town, posted), 'opened', 'whoever opens it yet ends it');
});

/** How many letters that came back the last mail told the sender of, and how many lie there. */
const saidReturned = () =>
  world.db.one<{ told: number; open: number }>(sql`
    select (select count from watch.said where purpose = 'paper-returned' and reader_id = ${town.agency.id}) as told,
           (select count(*)::integer from watch.item where returned_at is not null and settled_at is null and opened_at is null) as open`);

test('given letters of one sender, when many come back on a day, then one mail tells of all, and after it has gone one the next morning of those that follow', async () => {
  const letters = await Promise.all([1, 2, 3, 4].map(() => press.toPaper(citizen)));
  await handOverLetters(ctx);
  const [last, ...first] = await Promise.all(letters.map(async (id) => (await press.shipment(id)).id));
  const report = (status: StatusReport['status'], of: readonly string[]) =>
    settleStatus(
      ctx,
      of.map((shipment) => ({ shipment, status, at: null, reason: status === 'returned' ? 'other' : null, answer: null })),
      house,
    );
  await report('posted', [last!, ...first]);
  const sendAll = () =>
    world.db.transaction((tx) =>
      tx.run(sql`update notifications.notice set state = 'handed-over', attempts = 1, message_id = id::text where state = 'due'`),
    );
  await sendAll();
  await world.advance(86_400);
  const mails = () =>
    world.db.all<{ body: string; isLater: boolean }>(sql`
      select body, due_at > clock.now() as "isLater" from notifications.notice where about is null and to_id = ${town.agency.id} order by id`);
  const before = (await mails()).length;

  await report('returned', first.slice(0, 2));
  await report('returned', first.slice(2));
  const [mail, ...more] = (await mails()).slice(before);
  const { told, open } = await saidReturned();
  assert.deepEqual([more, told], [[], open]);
  assert.ok(open >= 3 && mail!.body.includes(`${open} meldinger fra ETATEN ble sendt på papir`), mail!.body);

  await sendAll();
  await report('returned', [last!]);
  const next = (await mails()).slice(before);
  assert.deepEqual(
    next.map(({ isLater }) => isLater),
    [false, true],
  );
  assert.ok(next[1]!.body.includes(`${open + 1} meldinger fra ETATEN`), next[1]!.body);
});

test('given letters that were posted, when they are opened, confirmed or deleted here before they come back, then each ends as that and no sender is told that nobody has read it', async () => {
  const fresh = () => press.toPaper(citizen);
  const confirming = () =>
    press.toPaper(citizen, { isConfirmationNeeded: true, dueDateTime: new Date(ctx.now().getTime() + 40 * 864e5).toISOString() });
  const letters = [await fresh(), await fresh(), await confirming(), await confirming(), await fresh()] as const;
  const [opened, deleted, confirmed, halfway, unread] = letters;
  await handOverLetters(ctx);
  const shipments = await Promise.all(letters.map(async (id) => (await press.shipment(id)).id));
  for (const id of shipments) await says(id, 'posted');
  for (const id of [opened, confirmed, halfway]) await openMessage(ctx, town.reading, id);
  await confirmMessage(ctx, town.reading, confirmed);
  await purgeMessage(ctx, town.reading, deleted);
  assert.deepEqual(
    await Promise.all(letters.map((id) => outcomeOf(town, id))),
    letters.map(() => 'relayed'),
    'paper is on its way yet',
  );
  const before = (await saidReturned()).open;

  for (const id of shipments) await says(id, 'returned', { reason: 'address-unknown' });

  const ends = ['opened', 'deleted-by-recipient', 'confirmed', null, null];
  assert.deepEqual(await Promise.all(letters.map((id) => outcomeOf(town, id))), ends);
  const { told, open } = await saidReturned();
  assert.deepEqual([told, open - before], [open, 1], 'of the one that nobody has read');
  const asked = (id: string) => eventsOf(town, id).then((types) => types.includes('no.budstikke.watch.decision-needed'));
  assert.deepEqual(await Promise.all([opened, deleted, halfway, unread].map(asked)), [false, false, false, true]);
  await confirmMessage(ctx, town.reading, halfway);
  assert.equal(await outcomeOf(town, halfway), 'confirmed', 'it waited for that alone');
  for (const { name, find } of watchInvariants) assert.deepEqual(await world.db.all(find), [], name);
});

test('given letters that were posted, when they come back while they are opened or deleted, then none is left open as unread', async () => {
  const letters = await Promise.all([1, 2, 3, 4, 5, 6].map(() => press.toPaper(citizen)));
  await handOverLetters(ctx);
  const shipments = await Promise.all(letters.map(async (id) => (await press.shipment(id)).id));
  for (const id of shipments) await says(id, 'posted');
  await Promise.all(
    letters.flatMap((id, i) => [
      says(shipments[i]!, 'returned', { reason: 'other' }),
      i % 2 ? openMessage(ctx, town.reading, id) : purgeMessage(ctx, town.reading, id),
    ]),
  );
  const outcomes = await Promise.all(letters.map((id) => outcomeOf(town, id)));
  assert.deepEqual(
    outcomes,
    letters.map((_, i) => (i % 2 ? 'opened' : 'deleted-by-recipient')),
  );
});

test('given an organization, when nobody has said where it gets letters, then the Register of Legal Entities is asked', async () => {
  const address = { lines: ['Henrik Ibsens gate 2'], postalCode: '3724', place: 'SKIEN', municipality: '4003', country: 'NO' };
  await world.db.transaction((tx) =>
    tx.run(sql`
      insert into enhetsregister.unit (number, kind, business_address, postal_address)
      values (${town.municipality.number}, 'main', ${JSON.stringify(address)}::jsonb, null)`),
  );
  const id = await press.toPaper(town.municipality);
  assert.deepEqual((await press.shipment(id)).address, ['SKIEN KOMMUNE', 'Henrik Ibsens gate 2', '3724 SKIEN']);
  await handOverLetters(ctx);
});

test('given sealed post that went by paper, when it comes back, then those who could let somebody in see it again at once, and are told', async () => {
  await world.resource('papirlukket', town.agency, {
    ladder: 'papir',
    readers: ['package:post-til-virksomheten-med-taushetsbelagt-innhold'],
  });
  const id = await press.toPaper(town.municipality, { resourceId: 'papirlukket', isConfidential: true });
  const seen = async () => [
    (await findSealed(world.db, town.leader.id, id)) !== undefined,
    (await listSealed(world.ctx, town.leading)).sealed.some((each) => each.id === id),
  ];
  const told = async () => (await world.db.all(sql`select from notifications.notice where about = ${id} and purpose = 'sealed'`)).length;
  await handOverLetters(ctx);
  const { id: shipment } = await press.shipment(id);
  await says(shipment, 'posted');
  assert.deepEqual([await outcomeOf(town, id), await seen(), await told()], ['relayed', [false, false], 1], 'told when it was published');

  await says(shipment, 'returned', { reason: 'address-unknown' });

  assert.deepEqual([await outcomeOf(town, id), await seen()], [null, [true, true]]);
  await takeDueSteps(ctx);
  assert.deepEqual([await told(), (await stepsOf(press, id)).filter((line) => line === 'notify-grantors done').length], [2, 2]);
});

test('given two workers, when both hand over at once, then every letter is dropped once', async () => {
  const ids = await Promise.all([1, 2, 3].map(() => press.toPaper(citizen)));
  await Promise.all([handOverLetters(ctx), handOverLetters(ctx), handOverLetters(ctx)]);
  for (const id of ids) assert.deepEqual([(await press.shipment(id)).attempts, await relayEvents(id)], [1, ['dropped']]);
});

test('given a mail that says that paper came back, when it bounces itself, then it is said anew by another address, and the alarm rings while there is none', async () => {
  const has = (...addresses: string[]) =>
    world.db.transaction(async (tx) =>
      saveContactPoints(tx, [{ party: town.agency.id, points: addresses.map((address) => ({ channel: 'email', address })) }]),
    );
  const mailsTo = (address: string) =>
    world.db.all<{ purpose: string; body: string }>(sql`
      select purpose, body from notifications.notice where about is null and address = ${address} order by id`);
  const unheard = unreadInvariants.find(({ name }) => name.startsWith('no mail to a sender'))!;
  await has('feil@etaten.example');
  const id = await press.toPaper(citizen);
  await handOverLetters(ctx);
  const { id: shipment } = await press.shipment(id);
  await says(shipment, 'posted');
  await world.db.transaction((tx) =>
    tx.run(sql`update notifications.notice set state = 'handed-over', attempts = 1, message_id = id::text where state = 'due'`),
  );
  await world.advance(86_400); // so that the mail tells of nothing else
  await says(shipment, 'returned', { reason: 'address-unknown' });
  assert.equal((await mailsTo('feil@etaten.example')).at(-1)!.purpose, 'paper-returned');

  await world.db.transaction(async (tx) => {
    const failure = await tx.one<DeliveryFailure>(sql`
      update notifications.notice set state = 'failed', failure = 'mailbox-full', message_id = 'tried', changed_at = clock.now()
       where id = (select max(id::text)::uuid from notifications.notice where about is null and address = 'feil@etaten.example')
      returning id, about, party_id as party, to_id as "to", step_id as step, purpose, channel, failure as reason, changed_at as at`);
    await noteDeliveryFailed(tx, [failure]);
  });
  await tellMailsAgain(ctx);
  assert.equal((await world.db.all(unheard.find)).length, 1, 'nobody is left to be told');

  await has('feil@etaten.example', 'rett@etaten.example');
  await tellMailsAgain(ctx);
  await tellMailsAgain(ctx);
  const [anew, ...more] = await mailsTo('rett@etaten.example');
  assert.match(anew!.body, /ble sendt på papir/);
  assert.deepEqual(more, [], 'once');
  assert.deepEqual(await world.db.all(unheard.find), []);
});
