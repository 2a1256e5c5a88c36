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
  /** Until a request is answered, beside the time that its bytes take. */
  readonly attemptMillis: number;
  /** Until the caller is told that the store does not answer; no attempt begins later. */
  readonly totalMillis: number;
}

const usualPatience: Patience = { attemptMillis: 15_000, totalMillis: 30_000 };
const mostAttempts = 5;
const firstPauseMillis = 100;
const slowestBytesPerMillisecond = 256;
const mostSockets = 1_000;

/** An object store, tried again where that helps. */
export interface S3 {
  readonly bucket: string;
  /** Milliseconds that bytes on their way may stand still. */
  readonly stillMillis: number;
  /**
   * Sends what `ask` sends, which is called anew for every attempt and must heed the signal. Throws `StoreUnavailable` when the store does not
   * answer, or says that it cannot, more often than is patient; every other refusal as it came. `attempts` tells how many there were.
   */
  send<T>(
    ask: (client: S3Client, signal: AbortSignal) => Promise<T>,
    options?: { sizeBytes?: number; attempts?: { many: number } },
  ): Promise<T>;
  close(): void;
}

export function connectS3(settings: S3Settings): S3 {
  const { attemptMillis, totalMillis } = settings.patience ?? usualPatience;
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
    stillMillis: attemptMillis,
    async send(ask, { sizeBytes = 0, attempts = { many: 0 } } = {}) {
      const end = Date.now() + totalMillis;
      for (let pause = firstPauseMillis; ; pause *= 2) {
        attempts.many += 1;
        try {
          return await withinTime(attemptMillis + sizeBytes / slowestBytesPerMillisecond, (signal) => ask(client, signal));
        } catch (error) {
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

async function withinTime<T>(millis: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), millis);
  try {
    return await work(control.signal);
  } catch (error) {
    throw control.signal.aborted ? new TookTooLong('the store did not answer in time', { cause: error }) : error;
  } finally {
    clearTimeout(timer);
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
