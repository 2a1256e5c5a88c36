const duration = /^(-)?P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
const daySeconds = 86_400;
const secondsOf = [365 * daySeconds, 30 * daySeconds, daySeconds, 3600, 60, 1] as const;

/** Pure. Seconds of an ISO 8601 duration, a year as 365 days and a month as 30, as the original counts, a fraction as a whole one; undefined for what is none or negative. */
export function readDuration(text: string): number | undefined {
  const match = duration.exec(text.trim());
  if (!match || match[1] !== undefined) return undefined;
  const seconds = secondsOf.reduce((sum, each, i) => sum + each * Number(match[i + 2] ?? 0), 0);
  const whole = Math.ceil(seconds); // less than a second is not none
  return Number.isSafeInteger(whole) ? whole : undefined;
}

/** Pure. `30.00:00:00`: how the original writes a span of time in its answers, which is not how it reads one. */
export function asTimeSpan(seconds: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const days = Math.floor(seconds / daySeconds);
  const clock = `${two((seconds % daySeconds) / 3600)}:${two((seconds % 3600) / 60)}:${two(seconds % 60)}`;
  return days === 0 ? clock : `${days}.${clock}`;
}
