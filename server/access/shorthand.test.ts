import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '#kernel/refusal.ts';
import { attribute, valuesNamed } from './policy.ts';
import { defaultShorthand, isConfidential, packagesNamed, policyClass, policyHash, rulesOf } from './shorthand.ts';

const resource = { id: 'en-ressurs', ownerId: '0198f0a0-0000-7000-8000-000000000001' };
const refused = (row: string) => (error: unknown) => error instanceof Refusal && error.row.code === Number(row);

test('given a resource with nothing said of its policy, when it is read, then the owner sends and the usual readers read', () => {
  const [read, write] = rulesOf(resource, defaultShorthand);
  assert.deepEqual(read?.actions, ['read', 'subscribe']);
  assert.deepEqual(valuesNamed([read!], [attribute.role]), ['dagl', 'priv', 'seln']);
  assert.deepEqual(packagesNamed([read!]), ['ordinaer-post-til-virksomheten']);
  assert.deepEqual(valuesNamed([read!], [attribute.partyType]), ['organization']);
  assert.deepEqual(write?.actions, ['write', 'subscribe']);
  assert.deepEqual(valuesNamed([write!], [attribute.partyUuid]), [resource.ownerId]);
});

test('given senders by number, everybody or nobody, when they are read, then the rules say so', () => {
  const writers = (senders: 'any' | string[]) => rulesOf(resource, { senders, readers: [] });
  assert.deepEqual(valuesNamed(writers(['991825827', '974760673']), [attribute.organizationNumber]), ['991825827', '974760673']);
  assert.deepEqual(
    writers('any').map((rule) => rule.target),
    [[]],
  );
  assert.deepEqual(writers([]), []);
});

test('given a reader or sender that is none, when it is read, then it is refused by name', () => {
  for (const reader of ['', 'pakke:x', 'package:', 'package:A B', 'urn:altinn:rolecode:dagl', 'a', 'DA GL']) {
    assert.throws(() => rulesOf(resource, { senders: 'owner', readers: [reader] }), refused('9122'), reader);
  }
  for (const sender of ['991825828', '14886498226', 'digdir', '']) {
    assert.throws(() => rulesOf(resource, { senders: [sender], readers: [] }), refused('9123'), sender);
  }
});

test('given readers by the confidential or the explicit package, when confidentiality is asked, then it follows from them', () => {
  const of = (...readers: string[]) => isConfidential(rulesOf(resource, { senders: 'owner', readers }));
  assert.equal(of('package:post-til-virksomheten-med-taushetsbelagt-innhold'), true);
  assert.equal(of('package:eksplisitt'), true);
  assert.equal(of('DAGL', 'package:ordinaer-post-til-virksomheten', 'self'), false);
});

test('given two resources, when their readers are the same in any order, then they are of one class whoever sends', () => {
  const of = (readers: string[], senders: 'owner' | 'any' = 'owner') => ({
    rules: rulesOf(resource, { senders, readers }),
    minLevel: 0,
    accessList: null,
  });
  assert.equal(policyClass(of(['DAGL', 'self'])), policyClass(of(['self', 'DAGL'], 'any')));
  assert.notEqual(policyClass(of(['DAGL', 'self'])), policyClass(of(['DAGL'])));
  assert.notEqual(policyClass(of(['DAGL'])), policyClass({ ...of(['DAGL']), minLevel: 4 }));
  assert.notEqual(policyHash(of(['DAGL'])), policyHash(of(['DAGL'], 'any')));
});
