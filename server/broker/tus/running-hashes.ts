import { createHash, type Hash } from 'node:crypto';
import type { TusUploadId } from './store.ts';

/** Both hashes of all bytes before an offset. */
export interface RunningHash {
  readonly offset: number;
  readonly md5: Hash;
  readonly sha256: Hash;
}

/**
 * The hashes of uploads that come to this process, as far as their bytes are durable. A convenience, never the truth: what is not
 * here, because another process had the upload before or too many came, is read again at the end. See decision 050.
 */
const known = new Map<TusUploadId, RunningHash>();
const mostKnown = 10_000;

/** A copy to go on with, or undefined when the bytes before `offset` are not known here. */
export function hashUpTo(id: TusUploadId, offset: number): RunningHash | undefined {
  if (offset === 0) return { offset, md5: createHash('md5'), sha256: createHash('sha256') };
  const found = known.get(id);
  return found?.offset === offset ? copyOf(found) : undefined;
}

export function copyOf({ offset, md5, sha256 }: RunningHash): RunningHash {
  return { offset, md5: md5.copy(), sha256: sha256.copy() };
}

/** The bytes before `hash.offset` are durable. */
export function keepHash(id: TusUploadId, hash: RunningHash): void {
  known.delete(id);
  known.set(id, hash);
  if (known.size > mostKnown) known.delete(known.keys().next().value!);
}

export function forgetHash(id: TusUploadId): void {
  known.delete(id);
}
