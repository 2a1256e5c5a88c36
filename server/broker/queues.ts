import { sql } from '#kernel/database.ts';
import type { Queue } from '#kernel/queue.ts';

/** Files that have come and wait for their scan. -- index: file_transfer_uploading */
export const brokerQueues: readonly Queue[] = [
  {
    name: 'file-scans',
    due: sql`select state_changed_at as at from broker.file_transfer where state = 'UploadProcessing'`,
    calmSeconds: 1800,
  },
];
