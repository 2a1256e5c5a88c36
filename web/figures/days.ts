const inOslo = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Oslo', dateStyle: 'short' });
const dayMillis = 86_400_000;

/** Pure. Days are written `2026-11-30`, as they are counted in Norway. */
export function dayOf(instant: string): string {
  return inOslo.format(new Date(instant));
}

/** Pure. */
export function addDays(day: string, count: number): string {
  return new Date(Date.parse(day) + count * dayMillis).toISOString().slice(0, 10);
}

/** Pure. The Monday on which the week of a day began. */
export function mondayOf(day: string): string {
  return addDays(day, -((new Date(day).getUTCDay() + 6) % 7));
}

/** Pure. The first and the last day of a month, `2026-11`. */
export function daysOfMonth(month: string): { readonly from: string; readonly to: string } {
  const from = `${month}-01`;
  return { from, to: addDays(`${addMonths(month, 1)}-01`, -1) };
}

/** Pure. */
export function addMonths(month: string, count: number): string {
  const [year, number] = month.split('-').map(Number) as [number, number];
  return new Date(Date.UTC(year, number - 1 + count, 1)).toISOString().slice(0, 7);
}

export function isDay(text: string): boolean {
  const at = Date.parse(text);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}

export function isMonth(text: string): boolean {
  return /^2\d{3}-\d{2}$/.test(text) && isDay(`${text}-01`);
}
