import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anonymous } from '#kernel/context.ts';
import type { PartyId } from '#kernel/ids.ts';
import { actorOf } from './actor-of.ts';
import { type EvidenceRow, partsOf } from './parts.ts';

const row: EvidenceRow = {
  event: 'ContentAccessTracking',
  about: '0199f000-0000-7000-8000-0000000000ff',
  recipient: '0199f000-0000-7000-8000-0000000000aa',
  at: new Date('2026-11-23T08:00:02Z'),
  proves: 'opened',
};
const id = '0199f000-0000-7000-8000-000000000002';

test('given an opening with a person and a hash, when it is recorded, then person and hash stand in parts of their own', () => {
  const parts = partsOf(id, { ...row, core: { reason: 'x' }, who: { address: 'kari@example.no' }, what: { sha256: 'a'.repeat(64) } });
  assert.equal(
    parts.core,
    `{"event":"ContentAccessTracking","id":"${id}","message":"${row.about}","proves":"opened","reason":"x","recipient":"${row.recipient}","time":"2026-11-23T08:00:02.000Z","v":1}`,
  );
  assert.equal(parts.who, '{"address":"kari@example.no"}');
  assert.equal(parts.what, `{"sha256":"${'a'.repeat(64)}"}`);
});

test('given nothing personal and no content, when it is recorded, then both parts are empty objects', () => {
  assert.deepEqual([partsOf(id, row).who, partsOf(id, row).what], ['{}', '{}']);
});

const misplaced: readonly (readonly [string, Partial<EvidenceRow>])[] = [
  ['an identity number in core', { core: { to: 'person 14886498226' } }],
  ['an e-mail address in core', { core: { deep: [{ er: 'kari@example.no' }] } }],
  ['a telephone number in core', { core: { to: '+4799999999' } }],
  ['a hash in core', { core: { x: 'AB'.repeat(32) } }],
  ['a member for a hash in core', { core: { bodySha256: 'x' } }],
  ['a time without milliseconds in core', { core: { due: '2026-11-23T08:00:02Z' } }],
  ['a time in another zone in core', { core: { due: '2026-11-23T08:00:02.000+01:00' } }],
  ['a member for a hash in who', { who: { md5: '0'.repeat(32) } }],
  ['a member for a file in who', { who: { fileName: 'brev.pdf' } }],
  ['a member of core that the record writes itself', { core: { event: 'Other' } }],
];
for (const [what, part] of misplaced) {
  test(`given ${what}, when it is to be recorded, then it is refused and the refusal does not repeat it`, () => {
    assert.throws(
      () => partsOf(id, { ...row, ...part }),
      (error: Error) => /must not hold|written by the record/.test(error.message) && !/14886498226|kari|99999999/.test(error.message),
    );
  });
}

test('given the reason that a person wrote, when it is recorded in who, then it may be anything', () => {
  const reason = 'd41d8cd98f00b204e9800998ecf8427e 2026-11-23T08:00:02Z';
  assert.equal(partsOf(id, { ...row, who: { reason } }).who, JSON.stringify({ reason }));
});

test('given an organization number in core, when it is recorded, then it may stand there', () => {
  assert.match(partsOf(id, { ...row, core: { organization: '991825827' } }).core, /991825827/);
});

test('given a person who acts for an organization, when named as actor, then evidence has both and the path of the right', () => {
  const caller = { ...anonymous, kind: 'person' as const, subject: 'p1' as PartyId, party: 'o1' as PartyId, clientId: 'c', authLevel: 3 };
  assert.deepEqual(actorOf(caller, ['role:daglig-leder']), {
    actor: { kind: 'person', party: 'p1', actsFor: 'o1', client: 'c', issuer: 'none', level: 3 },
    right: ['role:daglig-leder'],
  });
  assert.deepEqual(actorOf(anonymous), { actor: { kind: 'anonymous', issuer: 'none', level: 0 } });
});

test('given any UUID in core, digits only or not, when it is recorded, then it is taken for nothing else', () => {
  fc.assert(fc.property(fc.uuid(), (uuid) => void partsOf(id, { ...row, core: { notice: uuid } })));
  for (const uuid of [
    '01234567-8901-7234-8901-a12345678901',
    '00123456-7890-7123-8567-890123456789',
    '12345678-9012-8345-8678-12345678901f',
  ]) {
    assert.match(partsOf(id, { ...row, core: { notice: uuid } }).core, new RegExp(uuid));
  }
});

test('given a resource that is named by eleven digits, when its message is recorded, then the name is no reason to refuse', () => {
  const { core } = partsOf(id, {
    event: 'SubmissionAcceptance',
    about: id,
    at: new Date(0),
    proves: 'accepted',
    core: { resource: '12345678901' },
  });

  assert.equal(JSON.parse(core).resource, '12345678901');
});
