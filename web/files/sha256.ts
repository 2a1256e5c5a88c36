import { sha256 } from '@noble/hashes/sha2.js';

/** Above this it takes minutes, and the server's own hash must do. */
export const mostHashedBytes = 2_000_000_000;

/**
 * The SHA-256 of a file, read as a stream so that it is never in memory as a whole; WebCrypto takes only what is. Lower-case hex.
 * Throws what the signal says when it is given up, and NotReadableError when the file has changed or is gone.
 */
export async function sha256Of(file: Blob, told: (part: number) => void, signal: AbortSignal): Promise<string> {
  const hash = sha256.create();
  const reader = file.stream().getReader();
  let read = 0;
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      signal.throwIfAborted();
      hash.update(next.value);
      read += next.value.length;
      told(read / file.size);
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
  return [...hash.digest()].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
