import { createHash } from 'node:crypto';

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  readonly text: string;
  /** The body as JSON of the shape that the caller expects; what it really holds is for the caller to check. */
  json<T>(): T;
}

/** A body that is sent as it is, under the media type that is named. */
export interface RawBody {
  readonly mediaType: string;
  readonly bytes: Buffer;
}

export type Body = FormData | RawBody | object;

/** Asks one server, with or without a token. Every call is one request; nothing is remembered and nothing tried again. */
export interface Client {
  readonly baseUrl: string;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  head(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body?: Body, headers?: Record<string, string>): Promise<Answer>;
  put(path: string, body?: Body, headers?: Record<string, string>): Promise<Answer>;
  patch(path: string, body?: Body, headers?: Record<string, string>): Promise<Answer>;
  delete(path: string, headers?: Record<string, string>): Promise<Answer>;
  /** The same server, asked with this token. */
  with(token: string): Client;
}

const patienceMillis = 30_000;

export function createClient(baseUrl: string, token?: string): Client {
  const ask = async (method: string, path: string, headers: Record<string, string> = {}, body?: Body): Promise<Answer> => {
    const [mediaType, payload] = encode(body);
    const response = await fetch(baseUrl + path, {
      method,
      redirect: 'manual',
      signal: AbortSignal.timeout(patienceMillis),
      headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...(mediaType ? { 'content-type': mediaType } : {}), ...headers },
      ...(payload === undefined ? {} : { body: payload }),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const text = bytes.toString('utf8');
    return { status: response.status, headers: response.headers, bytes, text, json: <T>() => JSON.parse(text) as T };
  };
  return {
    baseUrl,
    get: (path, headers) => ask('GET', path, headers),
    head: (path, headers) => ask('HEAD', path, headers),
    post: (path, body, headers) => ask('POST', path, headers, body),
    put: (path, body, headers) => ask('PUT', path, headers, body),
    patch: (path, body, headers) => ask('PATCH', path, headers, body),
    delete: (path, headers) => ask('DELETE', path, headers),
    with: (other) => createClient(baseUrl, other),
  };
}

function encode(body: Body | undefined): [mediaType: string | undefined, payload: RequestInit['body'] | undefined] {
  if (body === undefined) return [undefined, undefined];
  if (body instanceof FormData) return [undefined, body];
  if (isRaw(body)) return [body.mediaType, new Uint8Array(body.bytes)];
  return ['application/json', JSON.stringify(body)];
}

function isRaw(body: object): body is RawBody {
  return 'mediaType' in body && 'bytes' in body && Buffer.isBuffer(body.bytes);
}

/** A machine's token from the sandbox's generator (compatibility.md, platform, §1.5). */
export function enterpriseToken(client: Client, organizationNumber: string, scopes: readonly string[]): Promise<string> {
  return generated(client, 'GetEnterpriseToken', { orgNo: organizationNumber, scopes: scopes.join(' ') });
}

/** A person's token from the sandbox's generator. */
export function personalToken(client: Client, nationalIdentityNumber: string, scopes: readonly string[]): Promise<string> {
  return generated(client, 'GetPersonalToken', { pid: nationalIdentityNumber, scopes: scopes.join(' ') });
}

async function generated(client: Client, generator: string, parameters: Record<string, string>): Promise<string> {
  const answer = await client.get(`/api/${generator}?${new URLSearchParams({ env: 'tt02', ttl: '1800', ...parameters })}`);
  if (answer.status !== 200) throw new Error(`${generator} answered ${answer.status}: ${answer.text.slice(0, 300)}`);
  return answer.text.trim();
}

/** A file of a form. */
export interface FormFile {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** The form that a client of the Altinn API posts: one field for each value, named by its path, and the files as they are. */
export function letterForm(fields: Readonly<Record<string, string>>, files: readonly FormFile[]): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  for (const { name, mediaType, bytes } of files) form.append('attachments', new Blob([new Uint8Array(bytes)], { type: mediaType }), name);
  return form;
}

export function md5(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex');
}

export const organizationUrn = (number: string): string => `urn:altinn:organization:identifier-no:${number}`;
export const personUrn = (number: string): string => `urn:altinn:person:identifier-no:${number}`;
