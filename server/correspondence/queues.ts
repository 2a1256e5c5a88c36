import { sql } from '#kernel/database.ts';
import type { Queue } from '#kernel/queue.ts';

/** Attachments that have come and wait for their scan. -- index: attachment_processing */
export const correspondenceQueues: readonly Queue[] = [
  {
    name: 'letter-scans',
    due: sql`select upload_began_at as at from correspondence.attachment where state = 'UploadProcessing' and upload_began_at is not null`,
    calmSeconds: 600,
  },
];
