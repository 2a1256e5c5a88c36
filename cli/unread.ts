import { createWriteStream, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ToldError } from './told-error.ts';

export interface UnreadOptions {
  readonly url: string;
  /** A file that holds the sender's token and nothing else; a token on the command line would stand in the list of processes. */
  readonly tokenFile: string;
  /** Where the CSV is written; to the standard output when left out. */
  readonly csv?: string | true;
  readonly cause?: string;
  readonly olderThan?: string;
  readonly bom?: boolean;
  readonly numbers?: boolean;
}

/** Fetches a sender's extract of unread post and writes it, of any length, as it comes. Throws what to tell the user. */
export async function fetchUnread({ url, tokenFile, csv, ...filter }: UnreadOptions): Promise<void> {
  const address = new URL('/budstikke/v1/unread/extract', url);
  for (const [name, value] of Object.entries(filter)) if (value !== undefined) address.searchParams.set(name, String(value));
  const answer = await fetch(address, { headers: { authorization: `Bearer ${readToken(tokenFile)}` } }).catch((error: Error) => {
    throw new ToldError(`${address.origin} cannot be reached: ${error.message}`);
  });
  if (!answer.ok || !answer.body) throw new ToldError(`The server answers ${answer.status}: ${(await answer.text()).slice(0, 500)}`);
  const lines = Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]);
  if (typeof csv === 'string') await pipeline(lines, createWriteStream(csv, { mode: 0o600 }));
  else await pipeline(lines, process.stdout, { end: false });
}

function readToken(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    throw new ToldError(`The token cannot be read from ${path}.`);
  }
}
