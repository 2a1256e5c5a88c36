const day = /^\d{4}-\d{2}-\d{2}$/;
const osloOffset = new Intl.DateTimeFormat('en-US', { timeZone: 'Europe/Oslo', timeZoneName: 'longOffset' });

/** Pure. When access ends: at an instant, or with the end of a day in Norway, which is the last one on which it holds, as in a town document. */
export function untilOf(text: string | null | undefined): Date | null {
  if (!text) return null;
  if (!day.test(text)) return new Date(text);
  const next = new Date(`${text}T00:00:00Z`);
  next.setUTCDate(next.getUTCDate() + 1);
  const offset = osloOffset.formatToParts(next).find(({ type }) => type === 'timeZoneName')!.value;
  const [, sign, hours = '0', minutes = '0'] = /([+-])(\d{2}):(\d{2})/.exec(offset) ?? [];
  const ahead = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return new Date(next.getTime() - (sign === '-' ? -ahead : ahead));
}
