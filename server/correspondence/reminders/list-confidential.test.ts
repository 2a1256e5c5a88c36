import assert from 'node:assert/strict';
import { test } from 'node:test';
import { organizationCaller, scopes } from '../../../test/world.ts';
import { getDetails, getOverview } from '../read/look-at-message.ts';
import { openMessage } from '../read/open-message.ts';
import { purgeMessage } from '../read/purge-message.ts';
import { createTown, letter, send } from '../testing/town.ts';
import { assertRefused, openWire } from '../testing/wire.ts';

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
