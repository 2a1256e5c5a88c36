const day = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Oslo', dateStyle: 'short' });
const hour = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Oslo', hour: 'numeric', hourCycle: 'h23' });
const weekday = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Oslo', weekday: 'short' });
const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** The day in Norway: `2026-11-29`. */
export function dayInOslo(at: Date): string {
  return day.format(at);
}

/** The day before one, by the calendar: 24 hours ago is the same day yet at the end of the one that has 25. */
export function dayBefore(oneDay: string): string {
  const at = new Date(`${oneDay}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() - 1);
  return at.toISOString().slice(0, 10);
}

/**
 * The next time that it is this hour in Norway on one of these days, 1 for Monday to 7. On the night when clocks go back the hour comes
 * twice, and the first counts; on the one when they go forward it may be missing, and the hour after it counts.
 */
export function nextTime(after: Date, days: readonly number[], wantedHour: number): Date {
  const step = 3_600_000;
  const hourOf = (at: Date, hoursBefore = 0) => Number(hour.format(new Date(at.getTime() - hoursBefore * step)));
  const isHour = (at: Date) => {
    const [now, before] = [hourOf(at), hourOf(at, 1)];
    return now === wantedHour ? before !== wantedHour : now === wantedHour + 1 && before === wantedHour - 1;
  };
  const isIt = (at: Date) => days.includes(weekdays.indexOf(weekday.format(at)) + 1) && isHour(at);
  let next = new Date(Math.floor(after.getTime() / step) * step + step);
  for (let tries = 0; !isIt(next) && tries < 24 * 15; tries++) next = new Date(next.getTime() + step);
  return next;
}
