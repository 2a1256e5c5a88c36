import { lend, returnMemory } from '#kernel/lent-bytes.ts';

const mostIdleBytes = 16 * 1024 * 1024;
/** Less is not worth keeping. */
const leastKept = 16 * 1024;

/** Chunks that nobody needs at the moment, by their size. */
const idle = new Map<number, Buffer[]>();
let idleBytes = 0;

/** A chunk of so many bytes, which may hold what somebody else had in it. */
export function takeChunk(sizeBytes: number): Buffer {
  const known = idle.get(sizeBytes)?.pop();
  if (!known) return Buffer.allocUnsafeSlow(sizeBytes);
  idleBytes -= sizeBytes;
  return known;
}

/** Nobody needs it any more. What is more than may lie idle gives its memory back, those of sizes that were wanted longest ago first. */
export function putBack(chunk: Buffer): void {
  const sizeBytes = chunk.length;
  const alike = idle.get(sizeBytes) ?? [];
  idle.delete(sizeBytes);
  for (const others of idle.values()) {
    while (idleBytes + sizeBytes > mostIdleBytes && others.length > 0) {
      idleBytes -= others[0]!.length;
      returnMemory(others.pop()!);
    }
  }
  if (sizeBytes < leastKept || idleBytes + sizeBytes > mostIdleBytes) returnMemory(chunk);
  else {
    alike.push(chunk);
    idleBytes += sizeBytes;
  }
  if (alike.length > 0) idle.set(sizeBytes, alike);
}

/** What stands in a chunk, for others: it is put back when its last user lets go of it. */
export function lendChunk(chunk: Buffer, filledBytes: number): Buffer {
  return lend(filledBytes === chunk.length ? chunk : chunk.subarray(0, filledBytes), () => putBack(chunk));
}
