/** A sender's choice, in the original's words. */
export const orderChannels = ['Email', 'Sms', 'EmailPreferred', 'SmsPreferred', 'EmailAndSms'] as const;
export type OrderChannel = (typeof orderChannels)[number];

/** A ladder's choice; `preferred` is e-mail, and SMS for those who have no e-mail address. */
export type NoticeChannel = OrderChannel | 'preferred' | 'email' | 'sms';

export interface Destination {
  readonly channel: 'email' | 'sms';
  readonly address: string;
  /** Whom it belongs to has named it for this very post: where either channel would do, it is this one. */
  readonly isNamed?: boolean;
}

/** Where to tell someone, out of the contact points they have. Source: compatibility.md, correspondence, §6.4. */
export function chooseDestinations(channel: NoticeChannel, contactPoints: readonly Destination[]): readonly Destination[] {
  const email = contactPoints.filter((point) => point.channel === 'email');
  const sms = contactPoints.filter((point) => point.channel === 'sms');
  switch (channel) {
    case 'Email':
    case 'email':
      return email;
    case 'Sms':
    case 'sms':
      return sms;
    case 'EmailPreferred':
    case 'preferred':
      return preferred(email, sms);
    case 'SmsPreferred':
      return preferred(sms, email);
    case 'EmailAndSms':
      return [...email, ...sms];
  }
}

function preferred(first: readonly Destination[], second: readonly Destination[]): readonly Destination[] {
  const isNamed = (points: readonly Destination[]) => points.some((point) => point.isNamed);
  return first.length === 0 || (isNamed(second) && !isNamed(first)) ? second : first;
}

const [opens, closes] = [9, 17];

/**
 * When a notice may go: e-mail at any hour, SMS from 9 to 17 in Norway, else at 9 when the hours next begin.
 * Source: compatibility.md, correspondence, §6.4.
 */
export function sendingTime(channel: 'email' | 'sms', at: Date): Date {
  if (channel === 'email') return at;
  const hour = hourInOslo(at);
  if (hour >= opens && hour < closes) return at;
  let next = new Date(at);
  next.setUTCMinutes(0, 0, 0);
  // By the hour, since a day in Norway has 23 or 25 of them twice a year.
  while (next <= at || hourInOslo(next) !== opens) next = new Date(next.getTime() + 3_600_000);
  return next;
}

const oslo = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Oslo', hour: 'numeric', hourCycle: 'h23' });

function hourInOslo(at: Date): number {
  return Number(oslo.format(at));
}
