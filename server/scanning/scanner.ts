import type { Readable } from 'node:stream';

/** What a scanner found in a file. Encrypted: nothing that is malware, but nothing that it could look into either; such a file is not clean. */
export type ScanResult = 'clean' | { readonly malware: string; readonly isEncrypted?: true };

/** The scanner has answered that it cannot look through this very file. Asked again it may be able to. */
export class CannotTell extends Error {
  override readonly name = 'CannotTell';
}

/**
 * Looks through the bytes of a file. Throws when it cannot tell: what is not scanned is not published. `CannotTell` when that is
 * its answer, anything else when there is none.
 */
export interface Scanner {
  readonly name: string;
  /** Larger files it can never look through. */
  readonly mostBytes?: number;
  scan(stream: Readable): Promise<ScanResult>;
}

/** The test file that all scanners agree to call malware, in two halves so that this file is not taken for it. */
const eicar = Buffer.from(['X5O!P%@AP[4\\PZX54(P^)7CC)7}', '$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join(''), 'latin1');

/** Calls everything clean but the EICAR test string, wherever it stands. For the sandbox. */
export const simulatedScanner: Scanner = {
  name: 'simulated',
  async scan(stream) {
    let tail: Buffer = Buffer.alloc(0);
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const seen = Buffer.concat([tail, chunk]);
      if (seen.includes(eicar)) return { malware: 'EICAR-Test-File' };
      tail = seen.subarray(Math.max(0, seen.length - eicar.length + 1));
    }
    return 'clean';
  },
};
