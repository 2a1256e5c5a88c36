import { readFileSync } from 'node:fs';
import { StartError } from './kernel/start-error.ts';
import { createDirectoryHouse, createSftpHouse, type PrintHouse } from './relay/index.ts';
import { setting } from './setting.ts';
import { path, Unreadable, url } from './setting-readers.ts';

/** `sftp://user[:password]@host[:port]/directory` */
const sftpUrl = (value: string): string => {
  url('sftp:')(value);
  const { username, pathname, search, hash } = new URL(value);
  if (username === '' || pathname.length < 2 || search !== '' || hash !== '')
    throw new Unreadable('must name a user, a host and a directory: sftp://user@host/directory');
  return value;
};
/** `SHA256:…, SHA256:…` */
const fingerprints = (value: string): readonly string[] => {
  const listed = value.split(',').map((one) => one.trim());
  if (!listed.every((one) => /^SHA256:[A-Za-z0-9+/]{43}$/.test(one)))
    throw new Unreadable('must be fingerprints as ssh-keygen -l prints them, SHA256: and 43 letters, divided by commas');
  return listed;
};

/** Where letters go that go by paper. */
export const relaySettings = {
  RELAY_DIR: setting<string>({
    type: 'directory',
    meaning:
      'Where a print house fetches letters that go by paper, a folder each, and lays down what became of them (`docs/operating/paper.md`). Without it nothing goes by paper, and senders are asked instead.',
    sandbox: undefined,
    production: undefined,
    read: path,
  }),
  RELAY_SFTP_URL: setting<string>({
    type: 'URL',
    meaning:
      'In place of BUDSTIKKE_RELAY_DIR: a directory that lies with the print house, `sftp://user@host:22/letters`, with a password in it or BUDSTIKKE_RELAY_SFTP_KEY beside it.',
    sandbox: undefined,
    production: undefined,
    read: sftpUrl,
    secret: true,
  }),
  RELAY_SFTP_KEY: setting<string>({
    type: 'file',
    meaning: 'The private key that BUDSTIKKE_RELAY_SFTP_URL is entered with, as OpenSSH keeps it, without a passphrase.',
    sandbox: undefined,
    production: undefined,
    read: path,
  }),
  RELAY_SFTP_HOST_KEYS: setting<readonly string[]>({
    type: 'list',
    meaning:
      'Fingerprints of the keys that the SFTP server of the print house may show, divided by commas, as `ssh-keygen -l` prints them: `SHA256:…`. Another key ends the connection before anything is told.',
    sandbox: undefined,
    production: undefined,
    read: fingerprints,
  }),
} as const;

type RelayConfig = { readonly [N in keyof typeof relaySettings]: ReturnType<(typeof relaySettings)[N]['read']> | undefined };

/** One way to the print house, whole: how to enter, and which machine it is. */
export function wrongOfRelay(given: (name: keyof typeof relaySettings) => unknown): string[] {
  const [address, key, hosts] = [given('RELAY_SFTP_URL'), given('RELAY_SFTP_KEY'), given('RELAY_SFTP_HOST_KEYS')];
  const [ofAddress, ofKey, ofHosts] = ['BUDSTIKKE_RELAY_SFTP_URL', 'BUDSTIKKE_RELAY_SFTP_KEY', 'BUDSTIKKE_RELAY_SFTP_HOST_KEYS'];
  if (typeof address !== 'string') {
    const alone = [key === undefined ? [] : [ofKey], hosts === undefined ? [] : [ofHosts]].flat();
    return alone.map((name) => `${name} is set, but ${ofAddress} is missing.`);
  }
  return [
    ...(given('RELAY_DIR') === undefined
      ? []
      : [`BUDSTIKKE_RELAY_DIR and ${ofAddress} name two places for the same letters. Choose one of them.`]),
    ...(hosts === undefined
      ? [
          `${ofHosts} is missing: letters go to no machine that is not known. \`ssh-keyscan HOST | ssh-keygen -lf -\` prints what it shows; have the print house confirm that.`,
        ]
      : []),
    ...((new URL(address).password !== '') === (key !== undefined)
      ? [`${ofAddress} must have a password in it, or ${ofKey} beside it, and not both.`]
      : []),
  ];
}

/** The print house of the settings. Refuses (StartError) a key that cannot be read. */
export function createPrintHouse(config: RelayConfig): PrintHouse | null {
  if (config.RELAY_DIR !== undefined) return createDirectoryHouse({ directory: config.RELAY_DIR });
  if (config.RELAY_SFTP_URL === undefined) return null;
  const { hostname, port, username, password, pathname } = new URL(config.RELAY_SFTP_URL);
  const key = config.RELAY_SFTP_KEY;
  return createSftpHouse({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? 22 : Number(port),
    username: decodeURIComponent(username),
    ...(key === undefined ? { password: decodeURIComponent(password) } : { privateKey: readPrivateKey(key) }),
    hostKeys: config.RELAY_SFTP_HOST_KEYS ?? [],
    directory: decodeURIComponent(pathname).replace(/\/+$/, ''),
  });
}

function readPrivateKey(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code;
    throw new StartError(`The file ${path}, which BUDSTIKKE_RELAY_SFTP_KEY names, cannot be read (${why}).`);
  }
}
