import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import Type from 'typebox';
import { seedAccess } from '#access/index.ts';
import { createDiskBlobs } from '#blobs/index.ts';
import type { CertificateChecker } from '#certificates/index.ts';
import { createHttp } from '#http/index.ts';
import { createIdentity, createTokenVerifier, type TrustedIssuer } from '#identity/index.ts';
import type { Caller } from '#kernel/context.ts';
import { type AnyRoute, route } from '#kernel/route.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/database.ts';
import { sandboxRoutes } from '../routes.ts';
import { createTokenIssuers, type TokenIssuer, type TokenIssuers } from '../tokens/signing-key.ts';

export const publicUrl = 'http://sandbox.example:7070';

export interface Sandbox extends TestDatabase {
  readonly issuers: TokenIssuers;
  /** The one modelled on Altinn. */
  readonly tokens: TokenIssuer;
  /** Where it listens. */
  readonly url: string;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  post(path: string, body: unknown): Promise<Response>;
  delete(path: string): Promise<Response>;
  /** What a bearer of this token is told by a route that needs one. */
  whoami(token: string): Promise<{ status: number; caller?: Caller & { scopes: string[] } }>;
  readonly lies: readonly string[];
}

/** A sandbox on a socket, with a migrated database, roles and packages, and one more route that tells who calls. Call it at the top of a test file. */
export async function openSandbox(issuers: readonly TrustedIssuer[] = [], certificates?: CertificateChecker): Promise<Sandbox> {
  const database = await createTestDatabase();
  const { ctx } = database;
  await seedAccess(ctx);
  const directory = await mkdtemp(join(tmpdir(), 'budstikke-sandbox-'));
  const own = createTokenIssuers(ctx, publicUrl);
  const trusted = [...Object.values(own).map((each) => each.trusted()), ...issuers];
  const verify = createTokenVerifier(trusted, ctx.log);
  const identity = createIdentity({ ctx, issuers: trusted });
  const http = await createHttp({
    routes: [...sandboxRoutes({ issuers: own, verify, publicUrl, certificates, time: { refresh: async () => {}, sweepers: [] } }), whoami],
    context: ctx,
    authenticate: identity.authenticate,
    blobs: createDiskBlobs({ directory, db: ctx.db }),
    log: ctx.log,
    checkAnswers: true,
    publicUrl,
  });
  const url = `http://127.0.0.1:${await http.listen(0, '127.0.0.1')}`;
  after(async () => {
    await http.close(0);
    await identity.settled();
    await rm(directory, { recursive: true, force: true });
  });
  return {
    ...database,
    issuers: own,
    tokens: own.altinn,
    url,
    lies: http.lies,
    get: (path, headers = {}) => fetch(url + path, { headers }),
    post: (path, body) =>
      fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    delete: (path) => fetch(url + path, { method: 'DELETE' }),
    async whoami(token) {
      const answer = await fetch(`${url}/whoami`, { headers: { authorization: `Bearer ${token}` } });
      return answer.status === 200
        ? { status: 200, caller: (await answer.json()) as Caller & { scopes: string[] } }
        : { status: answer.status };
    },
  };
}

const whoami: AnyRoute = route({
  method: 'GET',
  path: '/whoami',
  summary: 'Tells who calls.',
  scope: [{ issuer: 'any', all: [] }],
  answers: { 200: Type.Unknown() },
  refusals: [],
  run: async (_ctx, caller) => ({ ...caller, scopes: [...caller.scopes] }),
});

/** Every row of every table with its version and place: equal only if nothing at all was written in between. */
export async function stampsOf({ db }: TestDatabase): Promise<Readonly<Record<string, string>>> {
  const { rows: tables } = await db.pool.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname !~ '^pg_' and schemaname <> 'information_schema' order by 1`,
  );
  const stamps: Record<string, string> = {};
  for (const { name } of tables) {
    const { rows } = await db.pool.query<{ stamp: string }>(
      `select coalesce(md5(string_agg(xmin || ' ' || ctid, ',' order by ctid)), '') as stamp from ${name}`,
    );
    stamps[name] = rows[0]!.stamp;
  }
  return stamps;
}
