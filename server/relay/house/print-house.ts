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
  /** Where the house lays down files that say what became of envelopes, where it does. */
  readonly statusDirectory?: string;
}

/** No attempt will make it printable. */
export class UnprintableFile extends Error {
  override readonly name = 'UnprintableFile';
  readonly reason: NotPrintable;
  constructor(reason: NotPrintable) {
    super(reason);
    this.reason = reason;
  }
}
