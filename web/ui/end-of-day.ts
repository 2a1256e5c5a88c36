const wall = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/Oslo',
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

/** The last moment of a day in Norway, where dates are shown, wherever the browser is. Null for what is no day. */
export function endOfDay(date: string): string | null {
  return instantInNorway(`${date}T23:59:59`);
}

/** The first moment of a day in Norway. Null for what is no day. */
export function startOfDay(date: string): string | null {
  return instantInNorway(`${date}T00:00:00`);
}

/** A date and time as a clock in Norway shows them. Null for what is none: a browser's field takes years of six figures. */
export function instantInNorway(local: string): string | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?$/.test(local)) return null;
  const asIfUtc = Date.parse(`${local}Z`);
  if (Number.isNaN(asIfUtc) || !new Date(asIfUtc).toISOString().startsWith(local)) return null;
  const guess = asIfUtc - aheadAt(asIfUtc);
  return new Date(asIfUtc - aheadAt(guess)).toISOString();
}

/** How far the clocks of Norway are ahead of UTC then, in milliseconds. */
function aheadAt(instant: number): number {
  const parts = Object.fromEntries(wall.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / 1000) * 1000;
}
