const mebibyte = 1024 * 1024;
const kibibyte = 1024;

/** What one of many streams may hold of the memory that all of its kind share. */
export interface Share {
  /** Now: less when others have come meanwhile. Powers of two where the bounds are, so that chunks of few sizes are used again and again. */
  bytes(): number;
  /** Nothing is held any more. */
  leave(): void;
}

interface Bounds {
  readonly together: number;
  /** More makes nothing faster. */
  readonly most: number;
  /** Less costs more processor time than it is worth. */
  readonly least: number;
}

/** Memory of one process that streams of one kind hold together, however many they are, until each is down to the least. */
export function shareMemory({ together, most, least }: Bounds): { enter(): Share; many(): number } {
  let many = 0;
  return {
    many: () => many,
    enter() {
      many += 1;
      let hasLeft = false;
      return {
        bytes: () => Math.max(least, Math.min(most, 2 ** Math.floor(Math.log2(together / many)))),
        leave() {
          if (!hasLeft) many -= 1;
          hasLeft = true;
        },
      };
    },
  };
}

/** Bytes on their way into files. */
export const writing = shareMemory({ together: 16 * mebibyte, most: 256 * kibibyte, least: 16 * kibibyte });
/** Less is for readers who take next to nothing. */
export const leastRead = 16 * kibibyte;
/** Pieces on their way to readers: a mebibyte is the fastest. */
export const reading = shareMemory({ together: 16 * mebibyte, most: mebibyte, least: leastRead });
/** Batches that are encrypted; a stream holds some of them at a time. */
export const sealing = shareMemory({ together: 16 * mebibyte, most: mebibyte, least: 64 * kibibyte });
/** What is held of a part on its way to an object store before it goes to a file. */
export const spooling = shareMemory({ together: 32 * mebibyte, most: mebibyte, least: 64 * kibibyte });
