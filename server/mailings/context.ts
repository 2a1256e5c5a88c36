import type { Copying } from '#db/index.ts';
import type { Context } from '#kernel/context.ts';

/** What the bulk door needs beside a database and a clock. */
export interface MailingContext extends Context {
  /** Connections on which recipients are copied in. */
  readonly copying: Copying;
  /** As initialize has it. */
  readonly minimumAttachmentDays: number;
}
