import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { type Blobs, createDiskBlobs } from '#blobs/index.ts';
import { createHttp } from '#http/index.ts';
import { anonymous, type Caller, type Context } from '#kernel/context.ts';
import type { AnyRoute } from '#kernel/route.ts';
import { accessRoutes } from '../routes.ts';

/** What came back. `code` is that of a refusal, `text` the body as it was. */
export interface Answer {
  readonly status: number;
  readonly code: number | undefined;
  readonly text: string;
  readonly headers: Headers;
  json<T>(): T;
}

/** The operations of access behind a socket. A request is made by the caller whose name it bears as its token. */
export interface Wire {
  readonly blobs: Blobs;
  readonly folder: string;
  send(method: string, path: string, by?: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** What routes answered without declaring it. */
  readonly lies: readonly string[];
}

export async function openWire(
  { ctx }: { readonly ctx: Context },
  callers: Readonly<Record<string, Caller>>,
  routes: readonly AnyRoute[] = accessRoutes,
): Promise<Wire> {
  const folder = await mkdtemp(join(tmpdir(), 'budstikke-access-'));
  const blobs = createDiskBlobs({ directory: folder, db: ctx.db });
  await blobs.sweep(ctx); // makes the folder what it is when nothing lies in it
  const http = await createHttp({
    routes,
    context: { ...ctx, blobs },
    authenticate: async ({ authorization }) => callers[authorization ?? ''] ?? anonymous,
    blobs,
    log: ctx.log,
    checkAnswers: true,
    publicUrl: 'http://localhost',
  });
  const port = await http.listen(0, '127.0.0.1');
  after(async () => {
    await http.close(0);
    await rm(folder, { recursive: true, force: true });
  });
  return {
    blobs,
    folder,
    lies: http.lies,
    async send(method, path, by, body, headers = {}) {
      const isJson = body !== undefined && !(body instanceof FormData || body instanceof Blob);
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
        method,
        headers: { ...(by ? { authorization: by } : {}), ...(isJson ? { 'content-type': 'application/json' } : {}), ...headers },
        ...(body === undefined ? {} : { body: isJson ? JSON.stringify(body) : (body as FormData | Blob) }),
      });
      const text = await answer.text();
      const isProblem = answer.headers.get('content-type')?.includes('problem') ?? false;
      return {
        status: answer.status,
        code: isProblem ? (JSON.parse(text).errorCode as number | undefined) : undefined,
        text,
        headers: answer.headers,
        json: <T>() => JSON.parse(text) as T,
      };
    },
  };
}
