import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PartyId } from '#kernel/ids.ts';
import type { KeptAddress, Party } from '#register/index.ts';
import { addressees, type Directory } from './addressees.ts';

const [kari, skien, unit] = ['kari', 'skien', 'unit'] as PartyId[];
const party = (id: PartyId, more: Partial<Party> = {}): Party => ({
  ...{ id, partyId: 1, kind: 'organization', number: null, name: id, orgCode: null, unitType: null, parentId: null },
  ...{ successorId: null, language: 'nb', reserved: false, alive: true, ...more },
});
const away = (address: string, at: PartyId, resources: readonly string[] | null = null): KeptAddress => ({
  ...{ party: kari!, channel: 'email', address, at, resources, isStale: false, freshAt: new Date() },
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
  addressees(directory(...chosen), [kari!], { party: at, resource })[0]!.contactPoints;

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
