import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { makeScratchDirectory } from '../test/scratch.ts';
import { readConfig } from './config.ts';
import { createPrintHouse } from './relay-settings.ts';

const directory = makeScratchDirectory();
after(() => rmSync(directory, { recursive: true, force: true }));
const key = join(directory, 'key');
writeFileSync(key, 'a key');
const hosts = `SHA256:${'A'.repeat(43)}`;
const read = (more: Readonly<Record<string, string>>) =>
  readConfig(Object.fromEntries(Object.entries(more).map(([name, value]) => [`BUDSTIKKE_RELAY_${name}`, value])));

test('given a way to the print house, when it is whole, then there is one; and without any there is none', () => {
  assert.equal(createPrintHouse(read({})), null);
  assert.ok(createPrintHouse(read({ DIR: directory })));
  assert.ok(createPrintHouse(read({ SFTP_URL: 'sftp://etat@hus.example:2222/brev', SFTP_KEY: key, SFTP_HOST_KEYS: `${hosts}, ${hosts}` })));
  assert.ok(createPrintHouse(read({ SFTP_URL: 'sftp://etat:hemmelig@[::1]/brev', SFTP_HOST_KEYS: hosts })));
});

const wrong: readonly (readonly [what: string, settings: Readonly<Record<string, string>>, told: RegExp])[] = [
  ['no host key', { SFTP_URL: 'sftp://etat:hemmelig@hus.example/brev' }, /SFTP_HOST_KEYS is missing/],
  [
    'neither key nor password',
    { SFTP_URL: 'sftp://etat@hus.example/brev', SFTP_HOST_KEYS: hosts },
    /must have a password in it, or .*SFTP_KEY/,
  ],
  ['both of them', { SFTP_URL: 'sftp://etat:hemmelig@hus.example/brev', SFTP_KEY: key, SFTP_HOST_KEYS: hosts }, /and not both/],
  [
    'two places',
    { DIR: directory, SFTP_URL: 'sftp://etat:hemmelig@hus.example/brev', SFTP_HOST_KEYS: hosts },
    /two places for the same letters/,
  ],
  ['a key alone', { SFTP_KEY: key }, /SFTP_KEY is set, but BUDSTIKKE_RELAY_SFTP_URL is missing/],
  ['a host key alone', { SFTP_HOST_KEYS: hosts }, /SFTP_HOST_KEYS is set, but/],
  ['no user', { SFTP_URL: 'sftp://hus.example/brev', SFTP_HOST_KEYS: hosts }, /must name a user, a host and a directory/],
  ['no directory', { SFTP_URL: 'sftp://etat:hemmelig@hus.example/', SFTP_HOST_KEYS: hosts }, /must name a user, a host and a directory/],
  ['another protocol', { SFTP_URL: 'ftp://etat:hemmelig@hus.example/brev', SFTP_HOST_KEYS: hosts }, /begins with sftp:/],
  ['a fingerprint of MD5', { SFTP_URL: 'sftp://etat:hemmelig@hus.example/brev', SFTP_HOST_KEYS: 'MD5:aa:bb' }, /must be fingerprints/],
];
for (const [what, settings, told] of wrong) {
  test(`given ${what}, when the settings are read, then that is refused, and no password is told`, () => {
    assert.throws(
      () => read(settings),
      (error: Error) => told.test(error.message) && !error.message.includes('hemmelig'),
    );
  });
}

test('given a key that is not there, when the print house is opened, then that is refused by its setting', () => {
  const config = read({ SFTP_URL: 'sftp://etat@hus.example/brev', SFTP_KEY: join(directory, 'none'), SFTP_HOST_KEYS: hosts });
  assert.throws(() => createPrintHouse(config), /BUDSTIKKE_RELAY_SFTP_KEY names, cannot be read \(ENOENT\)/);
});
