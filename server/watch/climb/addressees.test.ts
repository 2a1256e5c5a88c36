import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId, type PartyId } from '#kernel/ids.ts';
import { composeNotices, type NoticeChannel } from '#notifications/index.ts';
import type { KeptAddress, Party } from '#register/index.ts';
import { addressees, type Directory } from './addressees.ts';

const [kari, skien, unit] = ['kari', 'skien', 'unit'] as PartyId[];
const party = (id: PartyId, more: Partial<Party> = {}): Party => ({
  ...{ id, partyId: 1, kind: 'organization', number: null, name: id, orgCode: null, unitType: null, parentId: null },
  ...{ successorId: null, language: 'nb', reserved: false, alive: true, ...more },
});
const away = (address: string, at: PartyId, resources: readonly string[] | null = null): KeptAddress => ({
  ...{ party: kari!, channel: address.startsWith('+') ? 'sms' : 'email', address, at, resources, isStale: false, freshAt: new Date() },
});
const directory = (...chosen: KeptAddress[]): Directory => ({
  parties: new Map([
    [kari!, party(kari!, { kind: 'person' })],
    [skien!, party(skien!)],
    [unit!, party(unit!, { parentId: skien! })],
  ]),
  points: new Map([[kari!, [{ channel: 'email', address: 'privat@example.no' }]]]),
  away: new Map([[kari!, chosen]]),
});
const told = (chosen: KeptAddress[], at: PartyId, resource = 'skatt') =>
  addressees(directory(...chosen), [kari!], { party: at, resource })[0]!.contactPoints.map(({ channel, address }) => ({
    channel,
    address,
  }));

test('given a person who wants post to an organization at work, when told of it, then there in place of the private address, also for its units', () => {
  const work = away('kari@skien.example', skien!);
  const wanted = [{ channel: 'email', address: 'kari@skien.example' }];
  assert.deepEqual(told([work], skien!), wanted);
  assert.deepEqual(told([work], unit!), wanted);
  assert.deepEqual(told([work], kari!), [{ channel: 'email', address: 'privat@example.no' }], 'their own post');
  assert.deepEqual(
    told([away('x@y.no', unit!)], skien!),
    [{ channel: 'email', address: 'privat@example.no' }],
    'a unit’s is not its main unit’s',
  );
});

test('given an address for some services alone, when told of another, then at the private one: nobody goes untold', () => {
  const some = away('kari@skien.example', skien!, ['byggesak', 'skatt']);
  assert.equal(told([some], skien!)[0]!.address, 'kari@skien.example');
  assert.equal(told([some], skien!, 'barnevern')[0]!.address, 'privat@example.no');
});

test('given a number alone for post to an organization, when a step goes by e-mail, then it goes to the private address, and by either channel to the number', () => {
  const people = addressees(directory(away('+4790000001', skien!)), [kari!], { party: skien!, resource: 'skatt' });
  const goes = (channel: NoticeChannel) => {
    const about = { id: newId(), party: skien!, partyNumber: null };
    const values = {
      ...{ senderName: 's', recipientName: 'r', confidential: false, dueAt: null },
      ...{ inboxAddress: 'https://a.no', consoleAddress: 'https://a.no' },
    };
    const occasion = { about, step: newId(), purpose: 'new-mail', channel, values, at: new Date() } as const;
    return composeNotices(occasion, people).map(({ address }) => address);
  };
  for (const channel of ['email', 'Email'] as const) assert.deepEqual(goes(channel), ['privat@example.no'], channel);
  for (const channel of ['sms', 'preferred', 'EmailPreferred', 'SmsPreferred'] as const)
    assert.deepEqual(goes(channel), ['+4790000001'], channel);
  assert.deepEqual(goes('EmailAndSms'), ['privat@example.no', '+4790000001']);
});
