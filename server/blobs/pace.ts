import { givenBytes } from '#kernel/given-bytes.ts';
import { leastRead, reading } from './share-memory.ts';

const first = 64 * 1024;
/** What connections may hold together before every reader gets the least. */
const givenAtMost = 32 * 1024 * 1024;
/** A piece is what its reader takes in this time. */
const pieceMillis = 250;

/** How a reader takes what it is given: in pieces that are the larger the faster it takes them, and small where there is not much room. */
export interface Pace {
  /** Of the next piece, which is asked for when the former was taken: a power of two, so that chunks of few sizes are used again and again. */
  bytes(): number;
  /** Nothing more is read. */
  leave(): void;
}

export function createPace(): Pace {
  let [former, since] = [0, 0];
  const share = reading.enter();
  return {
    leave: share.leave,
    bytes() {
      const now = performance.now();
      const earned = former === 0 ? first : Math.min((former * pieceMillis) / (now - since), 2 * former);
      const most = Math.min(earned, share.bytes(), (givenAtMost - givenBytes()) / 2);
      [former, since] = [2 ** Math.floor(Math.log2(Math.max(leastRead, most))), now];
      return former;
    },
  };
}
