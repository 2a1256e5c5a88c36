/**
 * When people in Norway are at work: written for the year alone, from the law's list of holidays, and sharing nothing with the
 * server's own calendar. Sources: lov om helligdager og helligdagsfred § 2, lov om 1 og 17 mai som høgtidsdagar § 1.
 */

export const hourMillis = 3_600_000;
export const dayMillis = 24 * hourMillis;

const inOslo = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'Europe/Oslo',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  hourCycle: 'h23',
});

/** Date and hour on the wall in Norway. */
export function onTheWall(at: number): { readonly date: string; readonly hour: number } {
  const parts = Object.fromEntries(inOslo.formatToParts(at).map(({ type, value }) => [type, value]));
  return { date: `${parts.year}-${parts.month}-${parts.day}`, hour: Number(parts.hour) };
}

/** The instant at which the clock in Norway shows a whole hour of a date. */
export function instantOf(date: string, hour: number): number {
  const guess = Date.parse(`${date}T${String(hour).padStart(2, '0')}:00:00Z`);
  return [1, 2].map((ahead) => guess - ahead * hourMillis).find((at) => onTheWall(at).hour === hour)!;
}

/** Gauss, as improved by Butcher: Easter Sunday as days since 1970. */
function easter(year: number): number {
  const a = year % 19;
  const [b, c] = [Math.floor(year / 100), year % 100];
  const [d, e] = [Math.floor(b / 4), b % 4];
  const g = Math.floor((8 * b + 13) / 25);
  const h = (19 * a + b - d - g + 15) % 30;
  const [i, k] = [Math.floor(c / 4), c % 4];
  const l = (32 + 2 * e + 2 * i - h - k) % 7;
  const m = Math.floor((a + 11 * h + 19 * l) / 433);
  const n = h + l - 7 * m;
  const month = Math.floor((n + 90) / 25);
  const day = (n + 33 * month + 19) % 32;
  return Date.UTC(year, month - 1, day) / dayMillis;
}

const afterEaster = [-3, -2, 0, 1, 39, 49, 50];
const fixed = ['01-01', '05-01', '05-17', '12-25', '12-26'];

export function isAtWork(date: string): boolean {
  const at = Date.parse(`${date}T00:00:00Z`);
  const weekday = new Date(at).getUTCDay();
  if (weekday === 0 || weekday === 6 || fixed.includes(date.slice(5))) return false;
  const sunday = easter(Number(date.slice(0, 4)));
  return !afterEaster.some((days) => sunday + days === at / dayMillis);
}

export function nextDate(date: string, days = 1): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * dayMillis).toISOString().slice(0, 10);
}
