import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { test } from 'node:test';
import { publicJwkOf } from './public-key.ts';

const pem = (key: KeyObject): string => key.export({ type: key.type === 'private' ? 'pkcs8' : 'spki', format: 'pem' }).toString();

test('given keys that sign tokens, when they are read as PEM and as JWK, then each is taken', () => {
  const pairs = [
    generateKeyPairSync('rsa', { modulusLength: 2048 }),
    generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    generateKeyPairSync('ec', { namedCurve: 'P-384' }),
    generateKeyPairSync('ec', { namedCurve: 'P-521' }),
    generateKeyPairSync('ed25519'),
  ];

  for (const { publicKey } of pairs) {
    const jwk = publicKey.export({ format: 'jwk' });
    assert.deepEqual(publicJwkOf({ pem: pem(publicKey) }), jwk);
    assert.deepEqual(publicJwkOf({ jwk: { ...jwk } }), jwk);
  }
});

test('given keys that could verify nothing, and private ones, when they are read, then none is taken', () => {
  const short = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const bitcoin = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
  const agreeing = generateKeyPairSync('x25519');
  const good = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  for (const { publicKey } of [short, bitcoin, agreeing]) {
    assert.equal(publicJwkOf({ pem: pem(publicKey) }), undefined);
    assert.equal(publicJwkOf({ jwk: { ...publicKey.export({ format: 'jwk' }) } }), undefined);
  }
  assert.equal(publicJwkOf({ pem: pem(good.privateKey) }), undefined);
  assert.equal(publicJwkOf({ jwk: { ...good.privateKey.export({ format: 'jwk' }) } }), undefined);
  assert.equal(publicJwkOf({ jwk: { kty: 'oct', k: 'AAAA' } }), undefined);
  assert.equal(publicJwkOf({ pem: 'ssh-rsa AAAA' }), undefined);
});
