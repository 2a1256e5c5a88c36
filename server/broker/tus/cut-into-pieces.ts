/** Bytes of one piece, which is durable before it is acknowledged: what a crash takes is less. As the blocks of the original. */
export const pieceBytes = 32 * 1024 * 1024;
/** A client that is slow has its bytes made durable this often. */
const pieceMillis = 10_000;

/** A stream that is taken piece by piece. One that breaks off ends its last piece, which is kept; `fault` then says why. */
export interface Cut {
  /** Waits for the next bytes; false when there are none. */
  hasMore(): Promise<boolean>;
  /** The next piece. `onBytes` is called before bytes are handed on, and what it throws ends everything. */
  piece(onBytes: (chunk: Buffer) => void): AsyncGenerator<Buffer>;
  /** When bytes last came. */
  lastCame(): number;
  readonly fault: unknown;
}

export function cutIntoPieces(stream: AsyncIterable<Buffer>): Cut {
  const chunks = stream[Symbol.asyncIterator]();
  let held: Buffer | undefined;
  let ended = false;
  let fault: unknown;
  let cameAt = Date.now();

  async function hasMore(): Promise<boolean> {
    while (held === undefined && !ended) {
      try {
        const { value, done } = await chunks.next();
        if (done) ended = true;
        else if (value.length > 0) held = value;
      } catch (error) {
        ended = true;
        fault = error;
      }
      cameAt = Date.now();
    }
    return held !== undefined;
  }

  async function* piece(onBytes: (chunk: Buffer) => void): AsyncGenerator<Buffer> {
    const began = Date.now();
    for (let left = pieceBytes; left > 0 && Date.now() - began < pieceMillis && (await hasMore()); ) {
      const came = held!;
      const chunk = came.length > left ? came.subarray(0, left) : came; // itself, so that it can be let go of
      held = came.length > left ? came.subarray(left) : undefined;
      left -= chunk.length;
      onBytes(chunk);
      yield chunk;
    }
  }

  return {
    hasMore,
    piece,
    lastCame: () => cameAt,
    get fault() {
      return fault;
    },
  };
}
