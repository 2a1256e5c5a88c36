import type { Readable } from 'node:stream';
import type { NotPrintable } from '../paper/printable.ts';

/** A file of an envelope, whose bytes are asked for when it is packed. */
export interface PackedFile {
  /** As it lies in the envelope. */
  readonly file: string;
  readonly mediaType: string;
  readonly sizeBytes: number;
  /** lower-case hex */
  readonly sha256: string;
  readonly read: () => Promise<Readable>;
  /** The first bytes by which its kind is known; null where nothing tells. */
  readonly begins: Buffer | null;
}

/** All that belongs into one envelope, and a manifest that says what lies there. */
export interface Envelope {
  /** Of the shipment: the house gets it once, whatever happens on the way. */
  readonly id: string;
  readonly manifest: object;
  readonly files: readonly PackedFile[];
}

/** A print house, or whoever else carries letters outside of this system. An adapter each. */
export interface PrintHouse {
  /**
   * Gives the envelope to the house, whole or not at all, and once: of what was given before, nothing is given again. Throws
   * `UnprintableFile` for a file that is not what it says, and any other error when the house cannot be reached now.
   */
  drop(envelope: Envelope): Promise<void>;
  /**
   * Takes back what was given and still lies where the house fetches it; false when the house has it. Asked again of what was taken, it is true
   * again, until `forget`. Throws when the house cannot be reached now.
   */
  takeBack?(id: string): Promise<boolean>;
  /** What was taken back is not needed any more. */
  forget?(id: string): Promise<void>;
  /**
   * Hands over what the house has laid down of what became of envelopes, a file at a time and oldest name first, and puts each away by what
   * is answered. `more` when there may be others. One file may come twice.
   */
  collectStatus?(take: TakeStatus): Promise<'more' | undefined>;
}

/** Takes a status file, null for one that is too large. Tells whether it could be read. */
export type TakeStatus = (bytes: Buffer | null) => Promise<boolean>;

/** Status files that are handed over at once, and the most that one may hold. */
export const mostStatusFiles = 100;
export const mostStatusBytes = 1_000_000;

/** Pure. Others than these are still being written, or are not for us. */
export const isStatusFile = (name: string): boolean => /^[\w-][\w.-]*\.json$/.test(name);

/** No attempt will make it printable. */
export class UnprintableFile extends Error {
  override readonly name = 'UnprintableFile';
  readonly reason: NotPrintable;
  constructor(reason: NotPrintable) {
    super(reason);
    this.reason = reason;
  }
}
