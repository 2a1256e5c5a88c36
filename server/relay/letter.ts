import type { Reader } from '#kernel/database.ts';
import { hook } from '#kernel/hook.ts';
import type { BlobKey } from '#kernel/ids.ts';

/** A file that belongs to a letter. */
export interface EnclosedFile {
  readonly id: string;
  readonly name: string;
  readonly blobKey: BlobKey | null;
  readonly sizeBytes: number;
  /** lower-case hex */
  readonly sha256: string | null;
  /** By the sender, for its recipient's system alone. */
  readonly isEncrypted: boolean;
  /** Its bytes are there for the recipient. */
  readonly isThere: boolean;
  /** It takes a right of its own, which whoever opens the envelope need not have. */
  readonly hasOwnRight: boolean;
}

/** A letter as it goes on paper. */
export interface PaperLetter {
  readonly id: string;
  readonly language: string;
  readonly title: string;
  /** Markdown, as its sender has written it. */
  readonly body: string;
  /** As the sender calls itself. */
  readonly sender: string;
  readonly recipient: string;
  readonly reference: string;
  readonly date: Date;
  readonly files: readonly EnclosedFile[];
}

/** The letters of these ids that their recipients may still read; what is no letter, or gone, is left out. Filled by whoever has letters. */
export const lettersForPaper = hook<[Reader, readonly string[]], ReadonlyMap<string, PaperLetter>>();
