const day = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Oslo', dateStyle: 'short' });
const hour = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Oslo', hour: 'numeric', hourCycle: 'h23' });
const weekday = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Oslo', weekday: 'short' });
const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** The day in Norway: `2026-11-29`. */
export function dayInOslo(at: Date): string {
  return day.format(at);
}

/** The next time that it is this hour in Norway on one of these days, 1 for Monday to 7; by the hour, since a day has 23 or 25 of them twice a year. */
export function nextTime(after: Date, days: readonly number[], wantedHour: number): Date {
  const step = 3_600_000;
  let next = new Date(Math.floor(after.getTime() / step) * step + step);
  const isIt = (at: Date) => Number(hour.format(at)) === wantedHour && days.includes(weekdays.indexOf(weekday.format(at)) + 1);
  // On the night when clocks go forward an hour is missing: it comes the week after.
  for (let tries = 0; !isIt(next) && tries < 24 * 15; tries++) next = new Date(next.getTime() + step);
  return next;
}
