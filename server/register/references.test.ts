import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hasWrongCheckDigits, parsePartyReference, partyUrn } from './references.ts';

test('given an organization in either form and any case, when it is read, then its number is found', () => {
  for (const text of [
    'urn:altinn:organization:identifier-no:991825827',
    '0192:991825827',
    'URN:Altinn:Organization:Identifier-No:991825827',
  ]) {
    assert.deepEqual(parsePartyReference(text), { kind: 'organization', number: '991825827' });
  }
});

test('given an organization number with a wrong check digit, when it is read, then it is still a reference', () => {
  assert.deepEqual(parsePartyReference('0192:123456789'), { kind: 'organization', number: '123456789' });
});

test('given a person by URN or by number alone, when it is read, then the number is found', () => {
  for (const text of ['urn:altinn:person:identifier-no:14886498226', '14886498226']) {
    assert.deepEqual(parsePartyReference(text), { kind: 'person', number: '14886498226' });
  }
});

test('given a person whose check digits are wrong, when it is read, then it is no reference and the reason can be told', () => {
  assert.equal(parsePartyReference('14886498227'), undefined);
  assert.equal(hasWrongCheckDigits('14886498227'), true);
  assert.equal(hasWrongCheckDigits('urn:altinn:person:identifier-no:14886498227'), true);
  assert.equal(hasWrongCheckDigits('14886498226'), false);
  assert.equal(hasWrongCheckDigits('991825827'), false);
});

test('given users known by e-mail or user name, when they are read, then they are recognised and match no number of the register', () => {
  assert.deepEqual(parsePartyReference('urn:altinn:person:idporten-email:Kari@Example.no'), {
    kind: 'idporten-email',
    number: 'urn:altinn:person:idporten-email:kari@example.no',
  });
  assert.deepEqual(parsePartyReference('urn:altinn:person:legacy-selfidentified:991825827'), {
    kind: 'legacy-selfidentified',
    number: 'urn:altinn:person:legacy-selfidentified:991825827',
  });
});

test('given forms that the original refuses, when they are read, then they are no reference', () => {
  const refused = [
    '991825827',
    'kari@example.no',
    '',
    ' 14886498226',
    '0192:99182582',
    '9908:991825827',
    'urn:altinn:organization:identifier-no:',
    'urn:altinn:person:idporten-email:@example.no',
    'urn:altinn:person:idporten-email:kari@',
    'urn:altinn:person:idporten-email:a@b@c',
    'urn:altinn:person:idporten-email:a:b@c',
    'urn:altinn:person:legacy-selfidentified:',
    'urn:altinn:person:legacy-selfidentified:a:b',
    'urn:altinn:organization:identifier-no:991825827\n',
  ];
  for (const text of refused) assert.equal(parsePartyReference(text), undefined, JSON.stringify(text));
});

test('given any text at all, when it is read, then reading never fails', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => parsePartyReference(text) === undefined || text.length > 0));
});

test('given parties of each kind, when they are named in an answer, then the URN form is used', () => {
  const id = '0198f0a0-0000-7000-8000-000000000001';
  assert.equal(partyUrn({ id, kind: 'organization', number: '991825827' }), 'urn:altinn:organization:identifier-no:991825827');
  assert.equal(partyUrn({ id, kind: 'person', number: '14886498226' }), 'urn:altinn:person:identifier-no:14886498226');
  assert.equal(partyUrn({ id, kind: 'system-user', number: null }), `urn:altinn:systemuser:uuid:${id}`);
});
