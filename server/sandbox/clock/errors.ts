import { catalogue } from '#kernel/refusal.ts';

/** Why the clock does not move, or stopped on its way. Codes and texts are on the wire: add rows, never renumber or reword. */
export const clockErrors = catalogue('BUD', {
  notDuration: {
    code: 9230,
    status: 400,
    origin: 'budstikke',
    text: 'The member advance is not a duration of ISO 8601 in weeks, days, hours, minutes and seconds, such as P7D or PT36H.',
  },
  calendarDuration: {
    code: 9231,
    status: 400,
    origin: 'budstikke',
    text: 'Years and months have no length of their own; say it in days, such as P30D or P365D. A day is 24 hours.',
  },
  notForward: { code: 9232, status: 400, origin: 'budstikke', text: 'The clock goes forward only, by more than nothing.' },
  tooFar: { code: 9233, status: 400, origin: 'budstikke', text: 'The clock goes at most {days} days at a time.' },
  heldUp: {
    code: 9234,
    status: 409,
    origin: 'budstikke',
    text: 'The clock stopped at {now}: what is due since {dueAt} ({due}) is held by other work, or falls due again and again. Advance again by what is left.',
  },
  tooManyStops: {
    code: 9235,
    status: 409,
    origin: 'budstikke',
    text: 'The clock stopped at {now}, after {stops} due times. Advance again by what is left.',
  },
});
