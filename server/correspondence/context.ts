import type { Blobs } from '#blobs/index.ts';
import type { Context } from '#kernel/context.ts';
import type { Scanner } from '#scanning/index.ts';
import type { Sending } from './send/sending.ts';

/** What the operations of this feature need beside a database and a clock. */
export interface CorrespondenceContext extends Context {
  readonly blobs: Blobs;
  readonly scanner: Scanner;
  readonly sending: Sending;
  /** How long an attachment that expires must live: 14 days in production, 1 elsewhere. Source: compatibility.md, correspondence, §0.3. */
  readonly minimumAttachmentDays: number;
}
