/** What addresses of the board and of the list of what is sent may hold: read before either page is there. */
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

export const boardSorts = ['oldest', 'newest', 'next'] as const;
export type BoardSort = (typeof boardSorts)[number];

export const sentStandings = ['unopened', 'unconfirmed', 'read', 'ended'] as const;
