/**
 * Why something is unread: exactly one, the first that holds, in this order. Which one does is said by the view `watch.cause_by_facts`
 * and nowhere else.
 */
export const causes = [
  'not-published',
  'returned',
  'receiver-gone',
  'no-opener',
  'grant-needed',
  'attachment-locked',
  'opened-not-confirmed',
  'file-not-fetched',
  'no-contact-point',
  'notification-failed',
  'not-notified',
  'waiting',
  'unknown',
  'notified-not-opened',
] as const;
export type Cause = (typeof causes)[number];
