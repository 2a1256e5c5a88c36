import { after } from 'node:test';
import { correspondenceRoutes } from '#correspondence/routes.ts';
import { createHttp } from '#http/index.ts';
import { createDialogTokens, createIdentity, type DialogTokens } from '#identity/index.ts';
import type { Caller } from '#kernel/context.ts';
import { silentLog } from '#kernel/log.ts';
import type { World } from '../../../test/world.ts';
import type { DialogContext } from '../context.ts';
import { dialogRoutes } from '../routes.ts';

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects
  readonly body: any;
  readonly headers: Headers;
}

/** Dialogs and correspondence behind a socket. */
export interface Door {
  readonly ctx: World['ctx'] & DialogContext;
  readonly tokens: DialogTokens;
  /** `by`: the name of a caller, or a token as a reader of a dialog got it. */
  ask(method: string, path: string, by: string, more?: { body?: unknown; headers?: Record<string, string> }): Promise<Answer>;
}

export const scope = 'digdir:dialogporten';
export const enduser = '/dialogporten/api/v1/enduser';

/** A caller known by name, with the scope of dialogs. */
export const withScope = (caller: Caller, ...scopes: string[]): Caller => ({ ...caller, scopes: new Set([scope, ...scopes]) });

/** Callers are known by their names; whoever is not, must show a dialog token that is verified as in an installation. */
export async function openDoor(world: World, callers: Readonly<Record<string, Caller>>): Promise<Door> {
  const publicUrl = 'http://post.example';
  const tokens = createDialogTokens(world.ctx, publicUrl);
  const identity = createIdentity({ ctx: world.ctx, issuers: [tokens.trusted()] });
  const ctx = { ...world.ctx, dialogTokens: tokens, publicUrl };
  const http = await createHttp({
    routes: [...dialogRoutes, ...correspondenceRoutes],
    context: ctx,
    authenticate: async (headers) => callers[String(headers.authorization ?? '')] ?? identity.authenticate(headers),
    blobs: world.ctx.blobs,
    log: silentLog,
    checkAnswers: true,
    publicUrl,
  });
  const port = await http.listen(0, '127.0.0.1');
  after(() => http.close(0));
  return {
    ctx,
    tokens,
    async ask(method, path, by, { body, headers = {} } = {}) {
      const authorization = by === '' ? {} : { authorization: by.includes('.') ? `Bearer ${by}` : by };
      const type = body === undefined ? {} : { 'content-type': 'application/json' };
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
        method,
        headers: { ...authorization, ...type, ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
      return { status: answer.status, body: isJson && text !== '' ? JSON.parse(text) : text, headers: answer.headers };
    },
  };
}
