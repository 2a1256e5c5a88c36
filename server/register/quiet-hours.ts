/** When somebody wants no notices, in minutes of the day in Norway; `from` after `to`: over midnight. */
export interface QuietHours {
  readonly from: number;
  readonly to: number;
}

const day = 1440;

/** Pure. When quiet hours end that last at this time; null outside of them. */
export function quietUntil({ from, to }: QuietHours, at: Date): Date | null {
  const now = minuteInOslo(at);
  const isWithin = from < to ? now >= from && now < to : now >= from || now < to;
  if (!isWithin) return null;
  const whole = new Date(at);
  whole.setUTCSeconds(0, 0);
  const end = new Date(whole.getTime() + ((to - now + day) % day) * 60_000);
  // A day in Norway has 23 or 25 hours twice a year.
  const off = (to - minuteInOslo(end) + day + day / 2) % day;
  const mended = new Date(end.getTime() + (off - day / 2) * 60_000);
  return mended > at ? mended : end;
}

/** Pure. How many minutes of a day from `begin` to `end` are within. */
export function quietMinutes({ from, to }: QuietHours, begin = 0, end = day): number {
  const spans = from < to ? [[from, to]] : [[from, day], [0, to]]; // biome-ignore format: two spans
  return spans.reduce((sum, [a, b]) => sum + Math.max(0, Math.min(b!, end) - Math.max(a!, begin)), 0);
}

const oslo = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Oslo', hour: 'numeric', minute: 'numeric', hourCycle: 'h23' });

function minuteInOslo(at: Date): number {
  const [hour, minute] = oslo.format(at).split(':').map(Number);
  return hour! * 60 + minute!;
}
