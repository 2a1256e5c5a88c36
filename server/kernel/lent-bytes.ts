/**
 * Bytes on their way from one place to another. Their memory lies outside of what the collector of garbage counts well: 64 MiB of
 * it make it look through all that the process holds, which takes longer than hashing them. So whoever makes a chunk says what becomes of its
 * memory, and whoever is the last to need the chunk lets go of it. A chunk that nobody lets go of is collected as ever.
 */
const release: unique symbol = Symbol('release');

interface Lent {
  [release]?: ((bytes: Buffer) => void) | undefined;
}

/** The same chunk; `whenDone` is called when its last user lets go of it, at most once. */
export function lend(bytes: Buffer, whenDone: (bytes: Buffer) => void): Buffer {
  (bytes as Lent)[release] = whenDone;
  return bytes;
}

/** A chunk that came from outside and has its memory to itself: that is given back at once. One that shares it stays as it is. */
export function lendOwn(bytes: Buffer): Buffer {
  return bytes.length >= leastWorth && bytes.length === bytes.buffer.byteLength ? lend(bytes, returnMemory) : bytes;
}

const leastWorth = 8192;

/** Now, and not when the collector finds it. Nothing may be read of it, or of what shares its memory, from now on. */
export function returnMemory({ buffer }: Buffer): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}

/** For whoever is the last to need the chunk: nothing may be read of it, or of any part of it, from now on. */
export function letGo(bytes: Buffer): void {
  const whenDone = (bytes as Lent)[release];
  if (whenDone === undefined) return;
  (bytes as Lent)[release] = undefined;
  whenDone(bytes);
}
