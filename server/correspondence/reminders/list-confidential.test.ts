import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Caller } from '#kernel/context.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { Refusal } from '#kernel/refusal.ts';
import { partyUrn } from '#register/index.ts';
import { organizationCaller, scopes } from '../../../test/world.ts';
import { dialogIdOf } from '../read/dialog-id.ts';
import { listMessages } from '../read/list-messages.ts';
import { getDetails, getOverview } from '../read/look-at-message.ts';
import { openMessage } from '../read/open-message.ts';
import { purgeMessage } from '../read/purge-message.ts';
import { createTown, letter, send } from '../testing/town.ts';
import { assertRefused, openWire } from '../testing/wire.ts';
import { listConfidential } from './list-confidential.ts';

const town = await createTown();
const { world, municipality, agency, leading, leader } = town;
const day = 24 * 3600;
const confidentialPackage = 'post-til-virksomheten-med-taushetsbelagt-innhold';
const system = organizationCaller(municipality, scopes.recipient);
const wire = await openWire(town, {
  system,
  other: organizationCaller(await world.organization('ANDRE AS'), scopes.recipient),
  unknown: { ...system, party: null, subject: null },
  sender: organizationCaller(agency, scopes.sender),
});
const list = (by: string, language = '') => wire.request('GET', `/confidential-reminders${language && `?languageCode=${language}`}`, by);
const sealed = (differs = {}) => letter([municipality], { resourceId: 'taushetsbelagt', isConfidential: true, ...differs });
const dated = () =>
  new Intl.DateTimeFormat('nb-NO', { timeZone: 'Europe/Oslo', day: '2-digit', month: '2-digit', year: 'numeric' }).format(world.ctx.now());

await world.resource('taushetsbelagt', agency, {
  readers: [`package:${confidentialPackage}`],
  title: { nb: 'Bekymringsmelding', nn: 'Uromelding', en: 'Note of concern' },
});

test('given confidential post that nobody opens, when it has lain seven days, then it is listed in each language, oldest first, and nobody else sees it', async () => {
  await assertRefused(await list('system'), 1062);
  const first = await send(town, sealed({ content: { messageTitle: 'Hemmelig' } }));
  const firstDay = dated();
  await world.advance(day);
  const second = await send(town, sealed({ messageSender: 'Barnevernet' }));
  const secondDay = dated();
  await send(town, letter([municipality]));
  await world.advance(6 * day - 60);
  await assertRefused(await list('system'), 1062);
  await world.advance(120);
  const one = await list('system');
  assert.equal(one.status, 200);
  assert.match(one.headers.get('content-type')!, /^text\/plain/);
  assert.match(
    await one.text(),
    new RegExp(
      `1\\. Melding fra avsender ETATEN datert ${RegExp.escape(firstDay)}, denne krever tilgang til tjenesten: Bekymringsmelding\\n\\n`,
    ),
  );
  await world.advance(day);
  const text = await (await list('system', 'NN')).text();
  assert.match(
    text,
    new RegExp(`1\\. .*ETATEN.* Uromelding\\n2\\. Melding frå avsendar Barnevernet datert ${RegExp.escape(secondDay)}, .* Uromelding`),
  );
  assert.doesNotMatch(text, /Hemmelig|Vedtak/);
  assert.match(await (await list('system', 'en')).text(), /^The organization .*\n\n1\. Message from sender ETATEN/s);
  await assertRefused(await list('other'), 1062);
  await assertRefused(await list('unknown'), 4006);
  assert.equal((await list('sender')).status, 403);
  assert.equal((await list('nobody')).status, 401);
  assert.equal((await list('system', 'de')).status, 400);

  await world.grant(leader, municipality, { package: confidentialPackage });
  await getOverview(world.ctx, leading, first);
  await getDetails(world.ctx, leading, first);
  assert.match(await (await list('system')).text(), /1\. .*ETATEN/, 'a look opens nothing');
  await openMessage(world.ctx, leading, first);
  assert.match(await (await list('system')).text(), /1\. Melding fra avsender Barnevernet/);
  await purgeMessage(world.ctx, leading, second);
  await assertRefused(await list('system'), 1062);
});

/** A dialog token that the leader was given for the dialog of this message. */
const withToken = (message: CorrespondenceId, party = municipality): Caller => ({
  ...leading,
  issuer: 'dialog',
  scopes: new Set(),
  dialog: { id: dialogIdOf(message), party: party.id, actions: new Set(['read']) },
});

test('given a sender that calls itself two lines, when the list is read, then each message stays one item', async () => {
  await send(town, sealed({ messageSender: 'NAV\r\n2. Melding fra avsender SKATTEETATEN datert 01.01.2026: ring 820' }));
  await world.advance(7 * day + 60);
  const text = await (await list('system')).text();
  assert.match(text, /\n1\. Melding fra avsender NAV 2\. Melding fra avsender SKATTEETATEN datert 01\.01\.2026: ring 820 datert/);
  assert.doesNotMatch(text, /^2\./m);
});

test("given a dialog token, when the list is asked for, then it is that of the dialog's party, while its holder may read there", async () => {
  const letterId = await send(town, letter([municipality]));
  assert.match(await listConfidential(world.ctx, withToken(letterId), 'nb'), /1\. Melding fra avsender NAV/);
  await assert.rejects(listConfidential(world.ctx, leading, 'nb'), refusal(1062), 'the leader has none of her own');
  const other = await world.organization('UTENFOR AS');
  const unread = await send(town, letter([other]));
  await assert.rejects(listConfidential(world.ctx, withToken(unread, other), 'nb'), refusal(4006), 'not hers to read');
  await assert.rejects(listConfidential(world.ctx, withToken(letterId, other), 'nb'), refusal(4006), 'a party that the dialog is not of');
  const nothing = await world.organization('INGENTING AS');
  await world.role(leader, 'DAGL', nothing);
  await assert.rejects(listConfidential(world.ctx, withToken(await send(town, letter([nothing])), nothing), 'nb'), refusal(1062));
});

test("given a dialog token, when messages are listed without a party, then they are the dialog's recipient's, of its resource alone", async () => {
  const first = await send(town, letter([municipality]));
  const by = withToken(first);
  const { ids } = await listMessages(world.ctx, by, { resourceId: 'brev', role: 'Recipient' });
  assert.ok(ids.includes(first));
  assert.deepEqual(ids, (await listMessages(world.ctx, system, { resourceId: 'brev', role: 'Recipient' })).ids);
  for (const query of [
    { resourceId: 'taushetsbelagt', role: 'Recipient' },
    { resourceId: 'brev', role: 'Sender' },
    { resourceId: 'brev', role: 'Recipient', onBehalfOf: partyUrn(town.citizen) },
  ] as const)
    await assert.rejects(listMessages(world.ctx, by, query), refusal(4001), JSON.stringify(query));
  await assert.rejects(
    listMessages(world.ctx, { ...by, subject: town.citizen.id, party: town.citizen.id }, { resourceId: 'brev', role: 'Recipient' }),
    refusal(4001),
  );
});

function refusal(code: number): (error: unknown) => boolean {
  return (error) => error instanceof Refusal && error.row.code === code;
}
