import { type AnyJob, type AnySweeper, sweeper } from '#jobs/index.ts';
import { lookAfterKept } from './expire/look-after-kept.ts';
import { purgeTransfers } from './expire/purge-transfers.ts';
import { remindUnconfirmed } from './follow/remind-unconfirmed.ts';
import { failStuckUploads } from './send/fail-transfer.ts';
import { requeueScans, scanTransfer } from './send/scan-job.ts';
import { tusSweepers } from './tus/jobs.ts';

/** Work for after commit. */
export const brokerJobs: readonly AnyJob[] = [scanTransfer];

/** What should have moved and has not. */
export const brokerSweepers: readonly AnySweeper[] = [
  sweeper({ name: 'broker.purge-transfers', everySeconds: 30, run: purgeTransfers }),
  sweeper({ name: 'broker.look-after-kept', everySeconds: 60, run: lookAfterKept }),
  sweeper({ name: 'broker.remind-unconfirmed', everySeconds: 300, run: remindUnconfirmed }),
  sweeper({ name: 'broker.requeue-scans', everySeconds: 600, run: requeueScans }),
  sweeper({ name: 'broker.fail-stuck-uploads', everySeconds: 1800, run: failStuckUploads }),
  ...tusSweepers,
];
