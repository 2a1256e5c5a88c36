import type { Blobs } from '#blobs/index.ts';
import type { Context } from '#kernel/context.ts';
import type { Scanner } from '#scanning/index.ts';

/** What the operations of this feature need beside a database and a clock. */
export interface BrokerContext extends Context {
  readonly blobs: Blobs;
  readonly scanner: Scanner;
  /** In production what is not to be scanned, or is larger than a scan takes, needs approval. Source: compatibility.md, broker, §2.3. */
  readonly approvalNeeded: boolean;
}
