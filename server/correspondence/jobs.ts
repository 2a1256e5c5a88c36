import { type AnyJob, type AnySweeper, sweeper } from '#jobs/index.ts';
import type { Context } from '#kernel/context.ts';
import { expireAttachments } from './attachments/expiry/expire-attachments.ts';
import { lookAfterKept } from './attachments/expiry/look-after-kept.ts';
import { failStaleUploads } from './attachments/fail-upload.ts';
import { requeueScans, scanAttachment } from './attachments/scan-job.ts';
import { sweepBrowserLogins } from './download/login/sweep-browser-logins.ts';
import { sendForwards } from './forward/send-forwards.ts';
import { clearTestResource } from './maintenance/clear-test-resource.ts';
import { retryPublishing } from './maintenance/retry-publishing.ts';
import { passDueDates } from './reminders/pass-due-dates.ts';
import { publishDue } from './send/publish-due.ts';

/** Work for after commit. */
export const correspondenceJobs: readonly AnyJob[] = [scanAttachment, clearTestResource, retryPublishing];

/** Publishes what is complete when its time comes. */
export const publishSweeper = sweeper({ name: 'correspondence.publish-due', everySeconds: 2, run: publishDue });

/** What should have moved and has not. */
export const correspondenceSweepers: readonly AnySweeper[] = [
  publishSweeper,
  sweeper({ name: 'correspondence.expire-attachments', everySeconds: 30, run: expireAttachments }),
  sweeper({ name: 'correspondence.send-forwards', everySeconds: 2, run: sendForwards }),
  sweeper({ name: 'correspondence.sweep-browser-logins', everySeconds: 60, run: sweepBrowserLogins }),
  sweeper({ name: 'correspondence.look-after-kept', everySeconds: 60, run: lookAfterKept }),
  sweeper<Context>({ name: 'correspondence.pass-due-dates', everySeconds: 30, run: (ctx) => passDueDates(ctx) }),
  sweeper({ name: 'correspondence.requeue-scans', everySeconds: 600, run: requeueScans }),
  sweeper({ name: 'correspondence.fail-stale-uploads', everySeconds: 600, run: failStaleUploads }),
];
