const dayMillis = 24 * 60 * 60 * 1000;

/** What is unread outlives its time by so much, where the document of its resource does not say otherwise: the sender has to decide. */
export const keptDays = 90;
/** Whatever that document says: the sender is to hear before they go. */
const leastDays = 1;
/** A letter that was posted so long ago, and has not come back, has arrived. */
export const mayComeBackDays = 60;
/** Days before the end at which the sender hears that the bytes are going. */
export const warnings = [7, 1] as const;
/** How often it is asked whether anybody still has not read. */
const lookAgainMillis = dayMillis;

/** Unread bytes as their time on the wire ends: until when they stay, when they are looked at, and how many warnings that makes needless. */
export interface Keeping {
  readonly days: number;
  readonly until: Date;
  readonly lookAt: Date;
  readonly warned: number;
}

/** Pure. What becomes of bytes that are unread when their time is over. The sender hears of it then, so that warnings of as many days say nothing new. */
export function beginKeeping(expiredAt: Date, wanted: number = keptDays): Keeping {
  const days = Math.max(leastDays, wanted);
  const until = new Date(expiredAt.getTime() + days * dayMillis);
  return { days, until, lookAt: nextLook(until, expiredAt), warned: warnings.filter((before) => before >= days).length };
}

export interface KeptBytes {
  readonly until: Date;
  /** Warnings that the owner has had. */
  readonly warned: number;
  /** Whether a message that carries them is still watched. */
  readonly isUnread: boolean;
  /** Whether a print house has such a message, or what it posted may come back yet: until then nobody knows that it was not read. */
  readonly isOnPaper?: boolean;
}

export type KeepDecision =
  | { readonly kind: 'release'; readonly why: 'decided' | 'time is over' }
  | { readonly kind: 'keep'; readonly lookAt: Date; readonly warned: number; readonly warnsOfDays: number | null };

/**
 * Pure. Kept bytes go when nobody is waited for any more, or when their last day is over and nothing is on paper; until then they are looked at
 * each day, and their owner is warned 7 days and 1 day before. A warning that was missed is made good by the next.
 */
export function decideKeeping({ until, warned, isUnread, isOnPaper = false }: KeptBytes, now: Date): KeepDecision {
  if (!isUnread) return { kind: 'release', why: 'decided' };
  if (until <= now && isOnPaper) return { kind: 'keep', lookAt: nextLook(until, now), warned: warnings.length, warnsOfDays: null };
  if (until <= now) return { kind: 'release', why: 'time is over' };
  const due = warnings.filter((days) => until.getTime() - days * dayMillis <= now.getTime()).length;
  const lookAt = nextLook(until, now);
  return { kind: 'keep', lookAt, warned: Math.max(due, warned), warnsOfDays: due > warned ? warnings[due - 1]! : null };
}

/** The next day of looking, or the next warning or the end where that comes first. */
export function nextLook(until: Date, now: Date): Date {
  const marks = [...warnings.map((days) => until.getTime() - days * dayMillis), until.getTime()].filter((at) => at > now.getTime());
  return new Date(Math.min(now.getTime() + lookAgainMillis, ...marks));
}
