import { setTimeout as sleep } from 'node:timers/promises';
import { S3Client } from '@aws-sdk/client-s3';
import { silentLog } from '#kernel/log.ts';
import { StoreUnavailable } from '../blobs.ts';

/** Where an object store is, and who we are there. */
export interface S3Settings {
  /** Without it, that of Amazon's region. */
  readonly endpoint: string | undefined;
  readonly region: string;
  readonly bucket: string;
  readonly key: string;
  readonly secret: string;
  /** The bucket in the path of the address, and not in the name of the host. */
  readonly pathStyle: boolean;
  /** Before the name of every object; empty, or ends with a slash. */
  readonly prefix: string;
  /** A directory of this machine for parts on their way. */
  readonly spoolDirectory: string;
  readonly patience?: Patience;
}

/** How long a store is waited for. */
export interface Patience {
  /** How long nothing may move of a request: neither are bytes of it taken nor is it answered. */
  readonly attemptMillis: number;
  /** Until the caller is told of a store with which nothing moves, however often it is asked; no attempt begins later. */
  readonly totalMillis: number;
}

/** What is sent, beyond what is always the same. */
export interface Sent {
  readonly sizeBytes?: number;
  /** How many bytes of the attempt under way have gone out, of what is not sent at once. */
  sentBytes?(): number;
  /** How much longer the store may be silent than it usually may. */
  readonly moreMillis?: number;
  /** How much longer the caller waits, where it has waited before. */
  readonly leftMillis?: number;
  /** Counts them. */
  readonly attempts?: { many: number };
  /** Ends the waiting, by what it was aborted with. */
  readonly signal?: AbortSignal | undefined;
}

const usualPatience: Patience = { attemptMillis: 15_000, totalMillis: 30_000 };
const mostAttempts = 5;
const firstPauseMillis = 100;
const slowestBytesPerMillisecond = 256;
const mostSockets = 1_000;

/** An object store, tried again where that helps. */
export interface S3 {
  readonly bucket: string;
  readonly patience: Patience;
  /**
   * Sends what `ask` sends, which is called anew for every attempt and must heed the signal. Throws `StoreUnavailable` when the store does not
   * answer, or says that it cannot, more often than is patient; every other refusal as it came.
   */
  send<T>(ask: (client: S3Client, signal: AbortSignal) => Promise<T>, sent?: Sent): Promise<T>;
  close(): void;
}

export function connectS3(settings: S3Settings): S3 {
  const patience = settings.patience ?? usualPatience;
  const { attemptMillis, totalMillis } = patience;
  const client = new S3Client({
    ...(settings.endpoint === undefined ? {} : { endpoint: settings.endpoint }),
    region: settings.region,
    forcePathStyle: settings.pathStyle,
    credentials: { accessKeyId: settings.key, secretAccessKey: settings.secret },
    // Newer checksums are unknown to many servers; every part goes with its MD5.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    logger: silentLog, // without one it writes lines of its own into our log; what fails is thrown, and told by whoever is told
    maxAttempts: 1, // a body that is a stream can be made anew only by us
    requestHandler: {
      connectionTimeout: Math.min(5_000, attemptMillis),
      httpAgent: { keepAlive: true, maxSockets: mostSockets },
      httpsAgent: { keepAlive: true, maxSockets: mostSockets },
    },
  });

  return {
    bucket: settings.bucket,
    patience,
    async send(ask, { sizeBytes = 0, sentBytes, moreMillis = 0, leftMillis = totalMillis, attempts = { many: 0 }, signal } = {}) {
      const silentMillis = attemptMillis + moreMillis;
      const end = Date.now() + leftMillis + moreMillis;
      for (let pause = firstPauseMillis; ; pause *= 2) {
        attempts.many += 1;
        const within = {
          silentMillis: Math.min(silentMillis, end - Date.now()),
          wholeMillis: silentMillis + sizeBytes / slowestBytesPerMillisecond,
          sentBytes,
          signal,
        };
        try {
          return await withinTime(within, (ending) => ask(client, ending));
        } catch (error) {
          signal?.throwIfAborted();
          if (!mayPass(error)) throw error;
          if (attempts.many >= mostAttempts || Date.now() + pause > end) throw new StoreUnavailable(error);
          await sleep(pause * (0.5 + Math.random()));
        }
      }
    },
    close: () => client.destroy(),
  };
}

class TookTooLong extends Error {
  override readonly name = 'TookTooLong';
}

interface Within {
  readonly silentMillis: number;
  readonly wholeMillis: number;
  readonly sentBytes: Sent['sentBytes'] | undefined;
  readonly signal: AbortSignal | undefined;
}

const longestLookMillis = 250;

/** Ended when nothing has moved for so long, and after a time that is enough for the slowest line. */
async function withinTime<T>(
  { silentMillis, wholeMillis, sentBytes, signal }: Within,
  work: (ending: AbortSignal) => Promise<T>,
): Promise<T> {
  const control = new AbortController();
  const began = Date.now();
  let [moved, movedAt] = [0, began];
  const look = (): void => {
    const now = Date.now();
    const sent = sentBytes?.() ?? 0;
    if (sent !== moved) [moved, movedAt] = [sent, now];
    if (now - movedAt >= silentMillis || now - began >= wholeMillis) control.abort();
  };
  const timer = setInterval(look, Math.max(1, Math.min(longestLookMillis, silentMillis / 10)));
  try {
    return await work(signal ? AbortSignal.any([control.signal, signal]) : control.signal);
  } catch (error) {
    throw control.signal.aborted ? new TookTooLong('the store did not answer in time', { cause: error }) : error;
  } finally {
    clearInterval(timer);
  }
}

interface S3Error {
  readonly name?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** By its name on the wire and the status; undefined for what came from no server. */
export function refusalOf(error: unknown): { name: string; status: number } | undefined {
  const { name = '', $metadata } = error as S3Error;
  const status = $metadata?.httpStatusCode;
  return status === undefined ? undefined : { name, status };
}

const passing = new Set([
  'RequestTimeout',
  'SlowDown',
  'OperationAborted',
  'InternalError',
  'ServiceUnavailable',
  'BadDigest',
  'IncompleteBody',
]);

/** Whether the same request may go through another time: the server is ill or busy, or the line broke. */
function mayPass(error: unknown): boolean {
  if (error instanceof TookTooLong) return true;
  const refusal = refusalOf(error);
  if (refusal && (refusal.status >= 500 || refusal.status === 429)) return refusal.status !== 501;
  if (refusal && refusal.status >= 300) return passing.has(refusal.name);
  if (refusal) return true; // a good status, and an answer that was cut off or is none
  const { code, name } = error as S3Error;
  return (
    name === 'TimeoutError' ||
    (code !== undefined && /^(E(CONN|PIPE|HOST|NET|TIMEDOUT|AI_AGAIN|PROTO)|UND_|HPE_)/.test(code)) ||
    code === 'ENOTFOUND'
  );
}

/** The store has no such object, upload or range. */
export const isMissing = (error: unknown): boolean => refusalOf(error)?.status === 404;
