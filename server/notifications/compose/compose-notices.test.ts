import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PartyId } from '#kernel/ids.ts';
import { chooseDestinations, type NoticeChannel, sendingTime } from '../channels.ts';
import type { StoredOrder } from '../store/order.ts';
import { type Addressee, composeNotices, type Occasion } from './compose-notices.ts';
import { replaceTokens, titleCased } from './tokens.ts';

const email = { channel: 'email', address: 'kari@example.no' } as const;
const second = { channel: 'email', address: 'post@example.no' } as const;
const sms = { channel: 'sms', address: '+4799999999' } as const;
const kari: Addressee = { id: 'kari' as PartyId, language: 'nb', contactPoints: [email, sms] };

const occasion: Occasion = {
  about: { id: 'm', party: 'o' as PartyId, partyNumber: '991825827' },
  step: 's',
  purpose: 'new-mail',
  channel: 'preferred',
  values: {
    senderName: 'Skatteetaten',
    recipientName: 'SKIEN KOMMUNE',
    confidential: false,
    dueAt: null,
    inboxAddress: 'https://post.example.no/inbox',
    consoleAddress: 'https://post.example.no/console',
  },
  at: new Date('2026-11-24T10:00:00Z'),
};

const order: StoredOrder = {
  id: 'order',
  sender: 'x' as PartyId,
  template: 'CustomMessage',
  channel: 'EmailAndSms',
  emailSubject: 'Brev til $correspondenceRecipientName$',
  emailBody: '<p>$correspondenceRecipientName$ / $recipientName$ / $recipientNumber$ / $unknown$</p>',
  emailHtml: true,
  smsBody: 'Hei $recipientName$',
  language: 'nb',
  custom: [],
  override: false,
  ignoreReservation: false,
  at: occasion.at,
};

const choices: readonly (readonly [NoticeChannel, readonly (typeof email | typeof sms | typeof second)[], string])[] = [
  ['Email', [email, sms], 'kari@example.no'],
  ['Email', [sms], ''],
  ['Sms', [email, sms], '+4799999999'],
  ['Sms', [email], ''],
  ['EmailPreferred', [sms, email, second], 'kari@example.no post@example.no'],
  ['EmailPreferred', [sms], '+4799999999'],
  ['SmsPreferred', [email, sms], '+4799999999'],
  ['SmsPreferred', [email], 'kari@example.no'],
  ['EmailAndSms', [sms, email], 'kari@example.no +4799999999'],
  ['EmailAndSms', [email], 'kari@example.no'],
  ['preferred', [email, sms], 'kari@example.no'],
  ['preferred', [sms], '+4799999999'],
  ['email', [sms], ''],
  ['sms', [email], ''],
];
for (const [channel, points, expected] of choices) {
  test(`given ${channel} and contact points for ${points.map((p) => p.channel).join(' and ')}, when told, then by ${expected || 'nothing'}`, () => {
    const chosen = chooseDestinations(channel, points).map((p) => p.address);
    assert.equal(chosen.join(' '), expected);
  });
}

const hours: readonly (readonly [string, string])[] = [
  ['2026-11-24T08:00:00.000Z', '2026-11-24T08:00:00.000Z'], // 9 in Norway in winter
  ['2026-11-24T07:59:59.999Z', '2026-11-24T08:00:00.000Z'],
  ['2026-11-24T15:59:59.000Z', '2026-11-24T15:59:59.000Z'],
  ['2026-11-24T16:00:00.000Z', '2026-11-25T08:00:00.000Z'],
  ['2026-07-01T06:30:00.000Z', '2026-07-01T07:00:00.000Z'], // 8:30 in Norway in summer
  ['2026-10-24T20:00:00.000Z', '2026-10-25T08:00:00.000Z'], // the night with 25 hours
  ['2026-03-28T20:00:00.000Z', '2026-03-29T07:00:00.000Z'], // the night with 23 hours
];
for (const [at, expected] of hours) {
  test(`given ${at}, when an SMS is due, then it goes ${expected}, and an e-mail at once`, () => {
    assert.equal(sendingTime('sms', new Date(at)).toISOString(), expected);
    assert.equal(sendingTime('email', new Date(at)).toISOString(), at);
  });
}

test('given people with different languages, when told, then each reads their own, and who has no address gets none', () => {
  const notices = composeNotices(occasion, [
    kari,
    { ...kari, id: 'ola' as PartyId, language: 'nn', contactPoints: [second] },
    { ...kari, id: 'jo' as PartyId, contactPoints: [] },
  ]);
  assert.deepEqual(
    notices.map((n) => [n.to, n.channel, n.address, n.subject]),
    [
      ['kari', 'email', 'kari@example.no', 'Ny post til SKIEN KOMMUNE fra Skatteetaten'],
      ['ola', 'email', 'post@example.no', 'Ny post til SKIEN KOMMUNE frå Skatteetaten'],
    ],
  );
});

test('given the wording of a sender, when notices are written, then its tokens stand for the recipient and HTML is not broken by a name', () => {
  const named = { ...occasion, channel: 'EmailAndSms' as const, order, values: { ...occasion.values, recipientName: 'A&B <SØNN> AS' } };
  const [mail, text] = composeNotices(named, [kari]);
  assert.equal(mail!.subject, 'Brev til A&b <sønn> As');
  assert.equal(mail!.body, '<p>A&amp;b &lt;sønn&gt; As / A&amp;B &lt;SØNN&gt; AS / 991825827 / $unknown$</p>');
  assert.deepEqual([mail!.html, text!.body, text!.html], [true, 'Hei A&B <SØNN> AS', false]);
});

test('given a person as recipient, when a sender asks for the recipient number, then it is left empty', () => {
  const [mail] = composeNotices({ ...occasion, about: { ...occasion.about!, partyNumber: '14886498226' }, order, channel: 'Email' }, [
    kari,
  ]);
  assert.ok(mail!.body.includes('SKIEN KOMMUNE /  / $unknown$'));
  assert.ok(!mail!.body.includes('14886498226'));
});

test('given somebody whom the sender named, when told, then the name and number of that party stand in the text, and an address has none', () => {
  const named = { ...kari, named: { name: 'BERGEN KOMMUNE', number: '964338531' } };
  const [mail] = composeNotices({ ...occasion, order, channel: 'Email' }, [named]);
  assert.equal(mail!.body, '<p>Skien Kommune / BERGEN KOMMUNE / 964338531 / $unknown$</p>');
  const [bare] = composeNotices({ ...occasion, order, channel: 'Email', shipment: 'x' }, [
    { id: null, language: 'nb', contactPoints: [email], named: { name: '', number: null } },
  ]);
  assert.deepEqual([bare!.to, bare!.shipment, bare!.body], [null, 'x', '<p>Skien Kommune /  /  / $unknown$</p>']);
});

test('given a sender who wrote no text for a channel, when that channel is used, then our text is sent rather than nothing', () => {
  const [text] = composeNotices({ ...occasion, channel: 'SmsPreferred', order: { ...order, smsBody: null } }, [kari]);
  assert.match(text!.body, /^Skatteetaten har sendt post/);
});

test('given a name with line breaks, when it stands in a subject, then the subject is one line', () => {
  const [mail] = composeNotices({ ...occasion, values: { ...occasion.values, recipientName: 'Ola\r\nBcc: alle@example.no\u2028x' } }, [
    kari,
  ]);
  assert.equal(mail!.subject, 'Ny post til Ola Bcc: alle@example.no x fra Skatteetaten');
});

test('given a token right after what only looks like one, when replaced, then it is replaced, and a name makes no line of its own', () => {
  const values = { recipientName: 'Ola', sendersName: 'NAV\r\n2. Ring 820' };
  assert.equal(replaceTokens('Kr $100$recipientName$ $nope$recipientName$ $sendersName$', values), 'Kr $100Ola $nopeOla NAV 2. Ring 820');
});

test('given a name that looks like a token, when all are replaced, then it stays what it is, whenever its turn comes', () => {
  const [mail] = composeNotices(
    {
      ...occasion,
      channel: 'Email',
      order: {
        ...order,
        emailBody: replaceTokens('$messageTitle$ / $recipientName$', { messageTitle: '$recipientName$ $sendersName$ $5' }),
      },
      values: { ...occasion.values, recipientName: '$recipientNumber$ AS' },
    },
    [kari],
  );
  assert.equal(mail!.body, '$recipientName$ $sendersName$ $5 / $recipientNumber$ AS');
});

test('given who has read and is to confirm, when a sender ordered the reminder, then our words ask for it, outside of the order', () => {
  const reminding = { ...occasion, purpose: 'reminder-confirm' as const, channel: 'Email' as const, order, shipment: 'x' };
  const [own] = composeNotices(reminding, [kari]);
  assert.deepEqual([own!.shipment, own!.html], [null, false]);
  assert.match(own!.subject!, /[Bb]ekreft/);
  const [named] = composeNotices(reminding, [{ ...kari, named: { name: 'BERGEN KOMMUNE', number: '964338531' } }]);
  assert.deepEqual([named!.shipment, named!.subject], ['x', 'Brev til Skien Kommune']);
});

test('given tokens in another case or unknown, when replaced, then they stay as they are', () => {
  assert.equal(
    replaceTokens('$sendersname$ $sendersName$ $x', { sendersName: 'A$messageTitle$' }, { last: true }),
    '$sendersname$ A$messageTitle$ $x',
  );
  assert.equal(titleCased('ØYER OG SØNN-DATTER A/S'), 'Øyer Og Sønn-Datter A/S');
});
