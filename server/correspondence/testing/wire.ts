import assert from 'node:assert/strict';
import { after } from 'node:test';
import { createHttp } from '#http/index.ts';
import { anonymous, type Caller } from '#kernel/context.ts';
import { silentLog } from '#kernel/log.ts';
import type { Places } from '#kernel/places.ts';
import type { ErrorRow } from '#kernel/refusal.ts';
import type { AnyRoute } from '#kernel/route.ts';
import { correspondenceErrors } from '../errors.ts';
import { correspondenceRoutes } from '../routes.ts';
import type { Town } from './town.ts';

/** A file of a form as a client sends it. */
export type SentFile = readonly [fileName: string, content: string | Buffer<ArrayBuffer>];

/** The operations of this feature behind a socket. A request is made by the caller whose name it bears as its token. */
export interface Wire {
  request(
    method: string,
    path: string,
    by: string,
    more?: { readonly body?: NonNullable<RequestInit['body']>; readonly headers?: Readonly<Record<string, string>> },
  ): Promise<Response>;
  json(method: string, path: string, by: string, body?: unknown): Promise<Response>;
  form(path: string, by: string, body: object, files?: readonly SentFile[]): Promise<Response>;
}

/** `context` where a test wants another one than the town's, `routes` where it wants others than those that are always there. */
export async function openWire(
  { world }: Town,
  callers: Readonly<Record<string, Caller>>,
  context = world.ctx,
  routes: readonly AnyRoute[] = correspondenceRoutes,
  more: { readonly bodyPatienceMillis?: number; readonly places?: Places; readonly giving?: Places } = {},
): Promise<Wire & { readonly port: number }> {
  const http = await createHttp({
    routes,
    context,
    authenticate: async ({ authorization }) => callers[authorization ?? ''] ?? anonymous,
    blobs: context.blobs,
    log: silentLog,
    checkAnswers: true,
    publicUrl: 'http://localhost',
    ...more,
  });
  const port = await http.listen(0, '127.0.0.1');
  after(() => http.close(0));
  const request: Wire['request'] = (method, path, by, { body, headers } = {}) =>
    fetch(`http://127.0.0.1:${port}/correspondence/api/v1${path}`, {
      method,
      headers: { authorization: by, ...headers },
      ...(body === undefined ? {} : { body }),
    });
  return {
    port,
    request,
    json: (method, path, by, body) =>
      request(method, path, by, body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    form: (path, by, body, files = []) => {
      const form = new FormData();
      for (const [name, value] of fieldsOf(body)) form.append(name, value);
      for (const [fileName, content] of files) form.append('attachments', new Blob([content]), fileName);
      return request('POST', path, by, { body: form });
    },
  };
}

/** The fields of a form that say what this object says: `recipients[0]`, `correspondence.content.messageTitle`. */
export function fieldsOf(value: unknown, name = ''): [name: string, value: string][] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return value.flatMap((item, i) => fieldsOf(item, `${name}[${i}]`));
  if (typeof value !== 'object') return [[name, String(value)]];
  return Object.entries(value).flatMap(([member, inner]) => fieldsOf(inner, name === '' ? member : `${name}.${member}`));
}

/** The envelope of a refusal with this code: its status, its text, and its code as text and as number. */
export async function assertRefused(answer: Response, code: number): Promise<void> {
  const row: ErrorRow = Object.values(correspondenceErrors).find((one) => one.code === code)!;
  const body = await answer.text();
  assert.equal(answer.status, row.status, body);
  const said = JSON.parse(body) as { code: string; errorCode: number; detail: string } | string;
  const text = new RegExp(`^${RegExp.escape(row.text).replaceAll(/\\\{\w+\\\}/g, '.+')}$`);
  if (typeof said === 'string') {
    assert.ok(row.bare, body);
    assert.match(said, text);
    return;
  }
  assert.deepEqual([said.errorCode, said.code], [code, `CORR-${String(code).padStart(5, '0')}`]);
  assert.match(said.detail, text);
}

/** Fails for a refusal that these routes declare and none of the tests provoked, and for one that was provoked and is not declared. */
export function assertAllProvoked(routes: readonly AnyRoute[], provoked: Iterable<number>): void {
  const declared = new Set(routes.flatMap(({ refusals }) => refusals.map(({ code }) => code)));
  assert.deepEqual([...new Set(provoked)].sort(), [...declared].sort());
}
