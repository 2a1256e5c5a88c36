import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dialogClaimsOf, readDialogClaims } from './claims.ts';

const dialog = { p: 'urn:altinn:organization:identifier-no:991825827', s: 'urn:altinn:resource:brev', i: 'd-1', a: 'read;write' };
const system = '0198f0a0-0000-7000-8000-000000000001';

test('given a person, when a token is made and read, then it names that person, and nothing but its dialog may be done', () => {
  const who = { personNumber: '14886498226', systemUserId: 'x', ownerNumber: null };
  const claims = dialogClaimsOf({ kind: 'person', authLevel: 4 }, who, dialog)!;
  const read = readDialogClaims({ ...claims });
  assert.deepEqual([read.kind, read.personNumber, read.authLevel, read.scopes.size], ['person', '14886498226', 4, 0]);
  assert.deepEqual([read.dialog!.id, read.dialog!.partyNumber, [...read.dialog!.actions]], ['d-1', '991825827', ['read', 'write']]);
});

test('given a system user, when a token is made and read, then it names the system and its owner, and no person', () => {
  const who = { personNumber: null, systemUserId: system, ownerNumber: '310000000' };
  const claims = dialogClaimsOf({ kind: 'system-user', authLevel: 3 }, who, dialog)!;
  const read = readDialogClaims({ ...claims, c: 'urn:altinn:person:identifier-no:14886498226' });
  assert.deepEqual([read.kind, read.systemUserId, read.organizationNumber, read.personNumber], ['system-user', system, '310000000', null]);
});

test('given those whom no token can name, when one is asked for, then there is none', () => {
  const nobody = { personNumber: null, systemUserId: system, ownerNumber: null };
  for (const kind of ['person', 'system-user', 'organization', 'platform', 'anonymous'] as const)
    assert.equal(dialogClaimsOf({ kind, authLevel: 4 }, nobody, dialog), undefined, kind);
});

test('given claims that are missing or bent, when they are read, then they count as not there', () => {
  const nothing = readDialogClaims({});
  assert.deepEqual(
    [nothing.personNumber, nothing.authLevel, nothing.dialog!.partyNumber, nothing.dialog!.actions.size],
    [null, 0, null, 0],
  );
  for (const l of ['4', 5, -1, 2.5, null, [3]]) assert.equal(readDialogClaims({ l }).authLevel, 0, String(l));
  for (const c of ['14886498226', 'urn:altinn:person:identifier-no:148', 'urn:altinn:person:identifier-no:14886498226 ', 1, ['x']])
    assert.equal(readDialogClaims({ c }).personNumber, null, String(c));
  for (const y of ['', 'x', system.toUpperCase(), 1]) {
    const read = readDialogClaims({ y, c: 'urn:altinn:person:identifier-no:14886498226', o: '310000000' });
    assert.deepEqual([read.kind, read.systemUserId, read.personNumber], ['system-user', null, null], String(y));
  }
  assert.equal(readDialogClaims({ a: ['read'] }).dialog!.actions.size, 0);
});
