import type { Blobs } from '#blobs/index.ts';
import { anonymous, type Caller, type Issuer } from '#kernel/context.ts';
import type { Log } from '#kernel/log.ts';
import { silentLog } from '#kernel/log.ts';
import type { Places } from '#kernel/places.ts';
import type { AnyRoute } from '#kernel/route.ts';
import { createHttp, type Http } from '../create-http.ts';

/** Lines that a log was given. */
export interface KeptLog extends Log {
  readonly lines: { level: string; facts: Record<string, unknown>; message: string }[];
}

export function keptLog(): KeptLog {
  const lines: KeptLog['lines'] = [];
  const at = (level: string) => (facts: object, message: string) => void lines.push({ level, facts: { ...facts }, message });
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** For routes without files: there is no store. */
const noBlobs: Blobs = {
  receive: () => Promise.reject(new Error('no store')),
  receiveSegment: () => Promise.reject(new Error('no store')),
  read: () => Promise.reject(new Error('no store')),
  remove: () => Promise.resolve(),
  sweep: () => Promise.resolve(0),
};

/** `Authorization: Bearer altinn scope-a scope-b` is a token of that issuer with those scopes; `Bearer bad` is none. */
export function tokenOf(issuer: Issuer, ...scopes: string[]): { authorization: string } {
  return { authorization: `Bearer ${[issuer, ...scopes].join(' ')}` };
}

async function authenticate(headers: Readonly<Record<string, string | undefined>>): Promise<Caller | 'invalid'> {
  if (headers.authorization === undefined) return anonymous;
  const [issuer, ...scopes] = headers.authorization.replace(/^Bearer /, '').split(' ');
  if (!['altinn', 'maskinporten', 'dialog', 'idporten'].includes(issuer ?? '')) return 'invalid';
  return { ...anonymous, kind: 'organization', issuer: issuer as Issuer, scopes: new Set(scopes) };
}

/** The adapter around some routes, with issuers that anyone can play. */
export function openHttp(
  routes: readonly AnyRoute[],
  options: {
    blobs?: Blobs;
    log?: Log;
    checkAnswers?: boolean;
    onAnswered?: (caller: Caller) => void;
    inboxOrigins?: readonly string[];
    places?: Places;
    giving?: Places;
  } = {},
): Promise<Http> {
  const { blobs = noBlobs, log = silentLog, checkAnswers = true, onAnswered = () => {}, inboxOrigins = [], places, giving } = options;
  return createHttp({
    routes,
    context: {},
    authenticate,
    onAnswered,
    blobs,
    log,
    checkAnswers,
    publicUrl: 'http://localhost:7070',
    inboxOrigins,
    ...(places ? { places } : {}),
    ...(giving ? { giving } : {}),
  });
}
