import type { Blobs } from '#blobs/index.ts';
import type { Context } from '#kernel/context.ts';

/** What statistics need beside a database and a clock. */
export interface StatisticsContext extends Context {
  readonly blobs: Blobs;
  readonly statistics: {
    /** Undefined: nobody may ask. */
    readonly apiKey: string | undefined;
    /** A proxy stands before this server and says where calls come from. */
    readonly trustProxy: boolean;
    /** `sandbox` or `production`, as file names and answers say it. */
    readonly environment: string;
  };
}
