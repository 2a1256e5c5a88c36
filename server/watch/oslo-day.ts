const osloDay = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Oslo', dateStyle: 'short' });
const osloHour = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Oslo', hour: 'numeric', hourCycle: 'h23' });

/** Pure. `2026-11-30`, as it is in Norway. */
export function dayInOslo(at: Date): string {
  return osloDay.format(at);
}

/** Pure. Eight o'clock in Norway on the day after. By the hour, since a day has 23 or 25 of them twice a year. */
export function nextMorning(at: Date): Date {
  const today = dayInOslo(at);
  const whole = new Date(at);
  whole.setUTCMinutes(0, 0, 0);
  for (let hour = whole.getTime() + 3_600_000; ; hour += 3_600_000) {
    const when = new Date(hour);
    if (dayInOslo(when) !== today && Number(osloHour.format(when)) === 8) return when;
  }
}
