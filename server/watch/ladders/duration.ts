const pattern = /^P(?=.)(?:(\d{1,3})W)?(?:(\d{1,3})D)?(?:T(?=.)(?:(\d{1,4})H)?(?:(\d{1,5})M)?)?$/;

/** The same for the schema: weeks, days, hours and minutes of ISO 8601, `PT0S` for at once. */
export const durationPattern = '^(PT0S|P(?=.)(\\d{1,3}W)?(\\d{1,3}D)?(T(?=.)(\\d{1,4}H)?(\\d{1,5}M)?)?)$';

const hourMillis = 3_600_000;
export const dayMillis = 24 * hourMillis;

/** Pure. Milliseconds of a ladder's duration; a day is 24 hours. Undefined for what is none. */
export function millisOf(duration: string): number | undefined {
  if (duration === 'PT0S') return 0;
  const match = pattern.exec(duration);
  if (!match) return undefined;
  const [weeks, days, hours, minutes] = match.slice(1).map((part) => Number(part ?? 0));
  return ((weeks! * 7 + days!) * 24 + hours!) * hourMillis + minutes! * 60_000;
}

/** Pure. Whole days without hours, as working days are counted; undefined for other durations. */
export function wholeDaysOf(duration: string): number | undefined {
  const match = /^P(\d{1,3})D$/.exec(duration);
  return match ? Number(match[1]) : undefined;
}
