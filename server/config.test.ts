import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { printConfiguration } from '../tools/print-configuration.ts';
import { readConfig, storeOf } from './config.ts';
import { StartError } from './kernel/start-error.ts';

const production = {
  BUDSTIKKE_MODE: 'production',
  BUDSTIKKE_PUBLIC_URL: 'https://post.example.no/',
  BUDSTIKKE_DATABASE_URL: 'postgresql://budstikke:topsecret@db.example.no/budstikke',
  BUDSTIKKE_BLOB_DIR: '/srv/budstikke',
  BUDSTIKKE_ISSUERS: '[{"issuer":"https://maskinporten.no/","jwksUri":"https://maskinporten.no/jwk"}]',
  BUDSTIKKE_SMTP_URL: 'smtps://user:topsecret@mail.example.no',
  BUDSTIKKE_MAIL_FROM: 'Post <post@example.no>',
  BUDSTIKKE_SMS_GATEWAY_URL: 'https://sms.example.no/send',
  BUDSTIKKE_CLAMD: 'clamd.example.no:3310',
};

function refusedLines(env: Record<string, string>): string[] {
  try {
    readConfig(env);
  } catch (error) {
    assert.ok(error instanceof StartError);
    return error.message.split('\n');
  }
  return assert.fail('was not refused');
}

test('given an empty environment, when settings are read, then it is a sandbox of this machine alone', () => {
  const config = readConfig({ PATH: '/usr/bin', SHELL: '/bin/sh' });

  assert.equal(config.MODE, 'sandbox');
  assert.equal(config.HOST, '127.0.0.1');
  assert.equal(config.PORT, 7070);
  assert.equal(config.DATA_DIR, resolve('data'));
  assert.equal(config.DATABASE_URL, undefined);
  assert.equal(config.OWNER_READS, true);
  assert.deepEqual(config.SANDBOX_IMPLICIT, ['parties', 'resources']);
});

test('given production with everything, when settings are read, then it listens to all and owners do not read for recipients', () => {
  const config = readConfig(production);

  assert.equal(config.HOST, '0.0.0.0');
  assert.equal(config.OWNER_READS, false);
  assert.deepEqual(config.SANDBOX_IMPLICIT, []);
  assert.deepEqual(config.ISSUERS, [{ issuer: 'https://maskinporten.no/', kind: 'maskinporten', jwksUri: 'https://maskinporten.no/jwk' }]);
  assert.equal(config.PUBLIC_URL, 'https://post.example.no');
});

test('given issuers by name alone, or with an audience, when settings are read, then where their keys are is left to their metadata', () => {
  const BUDSTIKKE_ISSUERS = '[{"issuer":"https://idporten.no"},{"issuer":"https://login.example.no/","kind":"idporten","audience":"post"}]';

  assert.deepEqual(readConfig({ BUDSTIKKE_ISSUERS }).ISSUERS, [
    { issuer: 'https://idporten.no', kind: 'idporten' },
    { issuer: 'https://login.example.no/', kind: 'idporten', audience: 'post' },
  ]);
});

test('given a database behind a socket, when settings are read, then its address is taken as it is', () => {
  const BUDSTIKKE_DATABASE_URL = 'postgresql://budstikke@/budstikke?host=%2Frun%2Fpostgresql';

  assert.equal(readConfig({ BUDSTIKKE_DATABASE_URL }).DATABASE_URL, BUDSTIKKE_DATABASE_URL);
});

for (const missing of Object.keys(production).filter((name) => name !== 'BUDSTIKKE_MODE')) {
  test(`given production without ${missing}, when settings are read, then it alone is named`, () => {
    const { [missing]: _, ...rest } = production as Record<string, string>;

    const lines = refusedLines(rest);

    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', new RegExp(`^${missing} is missing`));
  });
}

test('given several mistakes, when settings are read, then all are named at once and no secret is repeated', () => {
  const lines = refusedLines({
    ...production,
    BUDSTIKKE_PORT: '70707',
    BUDSTIKKE_PROT: '1',
    BUDSTIKKE_DATABASE_URL: 'mysql://u:topsecret@h/d',
    BUDSTIKKE_CLAMD: '',
  });

  assert.deepEqual(lines.map((line) => line.split(' ')[0]).sort(), [
    'BUDSTIKKE_CLAMD',
    'BUDSTIKKE_DATABASE_URL',
    'BUDSTIKKE_PORT',
    'BUDSTIKKE_PROT',
  ]);
  assert.doesNotMatch(lines.join('\n'), /topsecret/);
});

for (const [name, value] of [
  ['PORT', '0'],
  ['PORT', '7070x'],
  ['MODE', 'Production'],
  ['PUBLIC_URL', 'post.example.no'],
  ['OWNER_READS', 'yes'],
  ['SANDBOX_IMPLICIT', 'parties,people'],
  ['MAX_CONNECTIONS', '3'],
  ['CLAMD', 'clamd'],
  ['MAIL_FROM', 'post'],
  ['LOG_LEVEL', 'loud'],
  ['INBOX_ORIGINS', '*'],
  ['INBOX_ORIGINS', 'https://inbox.example.no, inbox.example.no'],
  ['INBOX_ORIGINS', 'https://inbox.example.no/'],
  ['SENDER_SCOPES', 'eformidling:dpv altinn:x'],
  ['ISSUERS', 'https://maskinporten.no/'],
  ['ISSUERS', '[]'],
  ['ISSUERS', '[{"issuer":"http://maskinporten.example/"}]'],
  ['ISSUERS', '[{"issuer":"https://maskinporten.no/","jwksUri":"http://maskinporten.no/jwk"}]'],
  ['ISSUERS', '[{"issuer":"http://localhost.example/","kind":"altinn"}]'],
  ['ISSUERS', '[{"issuer":"https://unknown.example/","jwksUri":"https://unknown.example/jwk"}]'],
  ['ISSUERS', '[{"issuer":"https://maskinporten.no/","jwksUri":"https://maskinporten.no/jwk","secret":"x"}]'],
  ['ISSUERS', '[{"issuer":"https://maskinporten.no/","jwksUri":7}]'],
  ['ISSUERS', '[{"issuer":"https://maskinporten.no/","audience":["a"]}]'],
  ['ISSUERS', '[{"issuer":"https://maskinporten.no/"},{"issuer":"https://maskinporten.no/","kind":"altinn"}]'],
] as const) {
  test(`given BUDSTIKKE_${name} is ${value}, when settings are read, then it is refused by name`, () => {
    const lines = refusedLines({ [`BUDSTIKKE_${name}`]: value });

    assert.match(lines.join('\n'), new RegExp(`^BUDSTIKKE_${name} `));
  });
}

test('given the settings page, when it is printed anywhere, then it names each setting and no folder of this machine', () => {
  const page = printConfiguration();

  for (const name of Object.keys(production)) assert.ok(page.includes(`\`${name}\``));
  assert.ok(!page.includes(resolve('.')));
});

test('given a secret that could be guessed, when settings are read, then it is refused without being repeated', () => {
  assert.equal(readConfig({ ...production, BUDSTIKKE_SCAN_RESULTS_SECRET: 'x'.repeat(32) }).SCAN_RESULTS_SECRET, 'x'.repeat(32));
  assert.equal(readConfig(production).SCAN_RESULTS_SECRET, undefined);
  for (const secret of ['kort', `med mellomrom ${'x'.repeat(32)}`]) {
    const [line, ...more] = refusedLines({ BUDSTIKKE_SCAN_RESULTS_SECRET: secret });
    assert.deepEqual([line!.startsWith('BUDSTIKKE_SCAN_RESULTS_SECRET must'), line!.includes(secret), more], [true, false, []]);
  }
});

test('given a login for browsers, when settings are read, then it is whole, over TLS, and its secret is not repeated', () => {
  const BUDSTIKKE_LOGIN = '{"issuer":"https://idporten.no","clientId":"post","clientSecret":"topsecret"}';
  assert.deepEqual(readConfig({ ...production, BUDSTIKKE_LOGIN }).LOGIN, JSON.parse(BUDSTIKKE_LOGIN));
  assert.equal(readConfig(production).LOGIN, undefined);
  assert.equal(readConfig({ BUDSTIKKE_LOGIN: '{"issuer":"http://localhost:8080/x","clientId":"post"}' }).LOGIN?.clientSecret, undefined);
  for (const login of [
    'topsecret',
    '[]',
    '{"issuer":"https://idporten.no","clientSecret":"topsecret"}',
    '{"issuer":"http://idporten.no","clientId":"post","clientSecret":"topsecret"}',
    '{"issuer":"https://idporten.no","clientId":"post","secret":"topsecret"}',
    '{"issuer":"https://idporten.no","clientId":"post","clientSecret":7}',
  ]) {
    const lines = refusedLines({ BUDSTIKKE_LOGIN: login });
    assert.equal(lines.length, 1, login);
    assert.ok(lines[0]!.startsWith('BUDSTIKKE_LOGIN ') && !lines[0]!.includes('topsecret'), lines[0]);
  }
});

test('given a bucket for the bytes, when production starts, then no directory is asked for, and what the bucket lacks is named', () => {
  const { BUDSTIKKE_BLOB_DIR: _, ...rest } = production;
  const s3 = { ...rest, BUDSTIKKE_S3_BUCKET: 'post', BUDSTIKKE_S3_KEY: 'k', BUDSTIKKE_S3_SECRET: 's' };

  const config = readConfig({ ...s3, BUDSTIKKE_S3_PREFIX: 'budstikke/live' });
  const { place } = storeOf(config) as { place: { s3: { bucket: string; prefix: string; pathStyle: boolean } } };
  assert.deepEqual([place.s3.bucket, place.s3.prefix, place.s3.pathStyle], ['post', 'budstikke/live/', true]);

  assert.throws(() => readConfig({ ...s3, BUDSTIKKE_S3_SECRET: '' }), /^StartError: BUDSTIKKE_S3_SECRET is missing: [^\n]*$/);
  assert.throws(() => readConfig({ ...s3, BUDSTIKKE_BLOB_DIR: '/srv/b' }), /BUDSTIKKE_BLOB_DIR and BUDSTIKKE_S3_BUCKET name two places/);
  assert.throws(() => readConfig({ ...production, BUDSTIKKE_S3_KEY: 'k' }), /BUDSTIKKE_S3_KEY is set, but BUDSTIKKE_S3_BUCKET is missing/);
  assert.throws(() => readConfig({ ...s3, BUDSTIKKE_S3_PREFIX: '../x y' }), /BUDSTIKKE_S3_PREFIX must be a name/);
});

test('given the contact register without a client of our own, when settings are read, then what is missing is named; carriers have a pace where one is given', () => {
  assert.throws(
    () => readConfig({ BUDSTIKKE_KRR_URL: 'https://kontaktregisteret.no', BUDSTIKKE_KRR_CLIENT_ID: 'c' }),
    /BUDSTIKKE_KRR_KEY is missing: [^\n]*\nBUDSTIKKE_KRR_KEY_ID is missing/,
  );
  const { KRR_TOKEN_URL, KRR_TOKEN_AUDIENCE, MAIL_PER_SECOND, SMS_PER_SECOND } = readConfig({
    ...production,
    BUDSTIKKE_SMS_PER_SECOND: '5',
  });
  assert.deepEqual(
    [KRR_TOKEN_URL, KRR_TOKEN_AUDIENCE, MAIL_PER_SECOND, SMS_PER_SECOND],
    ['https://maskinporten.no/token', 'https://maskinporten.no/', undefined, 5],
  );
});
