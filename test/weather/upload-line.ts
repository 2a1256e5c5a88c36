import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { DetailedError, Upload } from 'tus-js-client';
import { type MadeFile, madeFileReader } from './made-file.ts';

/** What clients have seen, over all files. */
export interface Seen {
  acknowledged: number;
  /** Requests that brought bytes anew. */
  sentAgain: number;
  readonly running: Set<Upload>;
}

export interface Line {
  readonly endpoint: string;
  readonly file: MadeFile;
  readonly parallel: number;
  readonly chunkBytes: number;
  token(): Promise<string>;
}

interface Asked {
  getMethod(): string;
  getURL(): string;
  getHeader(name: string): string | undefined;
  setHeader(name: string, value: string): void;
}

/** Patient: what is being restarted does not answer. */
export async function untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
  for (const until = Date.now() + 120_000; ; ) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > until || error instanceof assert.AssertionError) throw error;
      await sleep(200);
    }
  }
}

/**
 * An unmodified tus-js-client uploads a file, as any program would that knows no more than tus, and asks for a new token as it must. Rejects when
 * bytes that were acknowledged have to come again.
 */
export function uploadLine({ endpoint, file, parallel, chunkBytes, token }: Line, seen: Seen): Promise<void> {
  const acknowledged = new Map<string, number>();
  const asked = new Map<string, Set<string>>();
  return new Promise((resolve, reject) => {
    const options = {
      endpoint,
      chunkSize: chunkBytes,
      parallelUploads: parallel,
      retryDelays: Array.from({ length: 300 }, (_, i) => Math.min(100 + i * 50, 1000)),
      storeFingerprintForResuming: false,
      fileReader: madeFileReader,
      metadata: { filename: 'stor.bin' },
      onBeforeRequest: async (request: Asked) => {
        request.setHeader('Authorization', `Bearer ${await token()}`);
        if (request.getMethod() !== 'PATCH') return;
        const [url, offset] = [request.getURL(), request.getHeader('Upload-Offset')!];
        assert.ok(Number(offset) >= (acknowledged.get(url) ?? 0), `bytes of ${url} that were acknowledged are sent again`);
        const offsets = asked.get(url) ?? new Set();
        if (offsets.has(offset)) seen.sentAgain += 1;
        asked.set(url, offsets.add(offset));
      },
      onAfterResponse: (
        request: Pick<Asked, 'getMethod' | 'getURL'>,
        response: { getStatus(): number; getHeader(name: string): string | undefined },
      ) => {
        const offset = Number(response.getHeader('Upload-Offset'));
        const url = request.getURL();
        const before = acknowledged.get(url) ?? 0;
        if (request.getMethod() === 'HEAD' && response.getStatus() === 200)
          assert.ok(offset >= before, `${url} has lost ${before - offset} bytes`);
        if (request.getMethod() !== 'PATCH' || response.getStatus() !== 204) return;
        acknowledged.set(url, offset);
        seen.acknowledged += offset - before;
      },
      onSuccess: () => {
        seen.running.delete(running);
        resolve();
      },
      // It tries every request again but the one that joins parts: there a program starts it once more, and it goes on with them.
      onError: (error: Error) => {
        if (error instanceof DetailedError || error instanceof assert.AssertionError) reject(error);
        else running.start();
      },
    };
    const running: Upload = new Upload(file as never, options);
    seen.running.add(running);
    running.start();
  });
}
