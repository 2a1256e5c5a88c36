import { readFileSync } from 'node:fs';
import {
  type Connection,
  createTransfers,
  type TokenSource,
  type Transfers,
  tokenOfFile,
  tokenOfGrant,
  tokenOfSandbox,
  usualPatience,
} from '../../sdk/index.ts';
import { ToldError } from '../told-error.ts';
import { Misused } from './exit-codes.ts';
import type { Output } from './output.ts';

/** How the server is reached and who asks. */
export interface ConnectOptions {
  readonly url: string;
  readonly as?: string;
  readonly tokenFile?: string;
  readonly clientId?: string;
  readonly keyFile?: string;
  readonly keyId?: string;
  readonly tokenUrl?: string;
  readonly audience?: string;
  readonly attempts: number;
}

/** Refuses (Misused) an address that is none, and anything but exactly one way to a token. */
export function connect(options: ConnectOptions, output: Output): Transfers {
  if (!URL.canParse(options.url) || !/^https?:/.test(options.url)) {
    throw new Misused(`"${options.url}" is not an address that begins with http:// or https://.`);
  }
  const connection: Connection = {
    baseUrl: options.url,
    token: tokenOf(options),
    userAgent: 'budstikke-cli',
    patience: { ...usualPatience, attempts: options.attempts },
    onWait: ({ millis, because }) => output.note(`${(because as Error).message}; tries again in ${Math.ceil(millis / 1000)} s`),
  };
  return createTransfers(connection);
}

function tokenOf({ url, as, tokenFile, clientId, keyFile, keyId, tokenUrl, audience }: ConnectOptions): TokenSource {
  const ways = [as, tokenFile, clientId].filter((way) => way !== undefined).length;
  if (ways !== 1) {
    throw new Misused('Say who asks by one of --token-file, --client-id with --key-file and --token-url, or (in a sandbox) --as.');
  }
  if (as !== undefined) return tokenOfSandbox(url, as);
  if (tokenFile !== undefined) {
    readable(tokenFile);
    return tokenOfFile(tokenFile);
  }
  if (keyFile === undefined || tokenUrl === undefined) throw new Misused('--client-id takes --key-file and --token-url.');
  return tokenOfGrant({ tokenUrl, clientId: clientId!, key: readable(keyFile), keyId, audience });
}

function readable(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ToldError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

/** Four digits, a colon and nine digits, or the nine alone, or the URN; as the server's answers name it. Refuses (Misused) others. */
export function organizationId(text: string): string {
  const number = /^(?:\d{4}:|urn:altinn:organization:identifier-no:)?(\d{9})$/.exec(text)?.[1];
  if (number === undefined) throw new Misused(`"${text}" is no organization number.`);
  return `0192:${number}`;
}
