const day = /^\d{4}-\d{2}-\d{2}$/;
const osloOffset = new Intl.DateTimeFormat('en-US', { timeZone: 'Europe/Oslo', timeZoneName: 'longOffset' });

/** Pure. When access ends: at an instant, or with the end of a day in Norway, which is the last one on which it holds, as in a town document. */
export function untilOf(text: string | null | undefined): Date | null {
  if (!text) return null;
  if (!day.test(text)) return new Date(text);
  const next = new Date(new Date(`${text}T00:00:00Z`).getTime() + 86_400_000);
  const offset = osloOffset
    .formatToParts(next)
    .find(({ type }) => type === 'timeZoneName')!
    .value.replace('GMT', '');
  return new Date(`${next.toISOString().slice(0, 10)}T00:00:00${offset || 'Z'}`);
}
