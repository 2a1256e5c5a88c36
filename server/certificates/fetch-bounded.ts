import { lookup as resolveName } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';

/** One question to an issuer's server. */
export interface Fetch {
  readonly url: string;
  readonly maxBytes: number;
  /** Posted when given. */
  readonly body?: Uint8Array;
  readonly contentType?: string;
}

/** Gives what a server answered with 200, or throws an Error that says why there is nothing. */
export type FetchBounded = (question: Fetch) => Promise<Buffer>;

const timeoutMillis = 5_000;

/**
 * Makes the way out to issuers' servers: addresses come from certificates, so that a stranger chooses them. Bounded in time and
 * size; redirects are not followed, no proxy is asked, and a connection goes only to an address that `mayReach` allows.
 */
export function createFetch(mayReach: (address: string) => boolean): FetchBounded {
  const lookup = judged(mayReach);
  return ({ url: text, maxBytes, body, contentType }) => {
    const url = new URL(text);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0 && !mayReach(host)) return Promise.reject(new Error('its address may not be reached'));
    return new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(timeoutMillis);
      const headers = { 'user-agent': 'Budstikke', ...(contentType === undefined ? {} : { 'content-type': contentType }) };
      const options = {
        method: body === undefined ? 'GET' : 'POST',
        agent: false,
        lookup,
        signal,
        maxHeaderSize: 16 * 1024,
        headers,
      } as const;
      const request = (url.protocol === 'https:' ? https : http).request(url, options, (answer) => {
        const chunks: Buffer[] = [];
        let seen = 0;
        answer.on('error', reject);
        answer.on('data', (chunk: Buffer) => {
          seen += chunk.length;
          if (seen > maxBytes) answer.destroy(new Error(`it answered more than ${maxBytes} bytes`));
          else chunks.push(chunk);
        });
        answer.on('end', () =>
          answer.statusCode === 200 ? resolve(Buffer.concat(chunks)) : reject(new Error(`it answered ${answer.statusCode}`)),
        );
      });
      request.on('error', (error) =>
        reject(signal.aborted ? new Error(`it did not answer within ${timeoutMillis / 1000} seconds`) : error),
      );
      request.end(body);
    });
  };
}

/** Looks a name up and gives those of its addresses that may be reached; none is an error. */
function judged(mayReach: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    resolveName(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const open = addresses.filter(({ address }) => mayReach(address));
      if (open.length === 0) return callback(new Error('its name stands for no address that may be reached'), []);
      if (options.all) return callback(null, open);
      return callback(null, open[0]!.address, open[0]!.family);
    });
  };
}
