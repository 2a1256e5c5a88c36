import type { Readable } from 'node:stream';
import type { Blobs } from '#blobs/index.ts';
import type { Context } from '#kernel/context.ts';

/** Looks through the bytes of a file. Throws when it cannot tell: what is not scanned is not published. */
export interface FileScanner {
  readonly name: string;
  scan(stream: Readable): Promise<'clean' | { readonly malware: string }>;
}

/** What the operations of this feature need beside a database and a clock. */
export interface BrokerContext extends Context {
  readonly blobs: Blobs;
  readonly scanner: FileScanner;
  /** In production what is not to be scanned, or is larger than a scan takes, needs approval. Source: compatibility.md, broker, §2.3. */
  readonly approvalNeeded: boolean;
}
