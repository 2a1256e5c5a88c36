import { refuse } from '#kernel/refusal.ts';
import { clockErrors } from './errors.ts';

const second = 1_000_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** The longest way in one go: two years, one of them a leap year. */
export const mostDays = 731;

const exact = /^P(?=.)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d{1,6})?)S)?)?$/;
const calendar = /^P(?=\d)(?:\d+Y)?(?:\d+M)?(?:\d+W)?(?:\d+D)?(?:T[\dHMS.,]+)?$/;

/**
 * Pure. Microseconds of a duration in weeks, days of 24 hours, hours, minutes and seconds (ISO 8601-1, 5.5.2.3; weeks may
 * stand beside the others). Refuses notDuration, calendarDuration, notForward, tooFar.
 */
export function readDuration(text: string): number {
  const unsigned = text.replace(/^[+-]/, '');
  const match = exact.exec(unsigned);
  if (!match) throw refuse(calendar.test(unsigned) ? clockErrors.calendarDuration : clockErrors.notDuration);
  const [weeks, days, hours, minutes, seconds] = match.slice(1).map((part) => Number((part ?? '0').replace(',', '.')));
  const micros = weeks! * 7 * day + days! * day + hours! * hour + minutes! * minute + Math.round(seconds! * second);
  if (text.startsWith('-') || micros === 0) throw refuse(clockErrors.notForward);
  if (micros > mostDays * day) throw refuse(clockErrors.tooFar, { days: mostDays });
  return micros;
}

/** Pure. The duration as ISO 8601 writes it, in days and smaller: `P7DT1H0.5S` is never `P1W…`; nothing is `PT0S`. */
export function writeDuration(micros: number): string {
  const part = (unit: number, within: number, letter: string) => {
    const count = Math.floor((micros % within) / unit);
    return count === 0 ? '' : `${count}${letter}`;
  };
  const days = part(day, Number.POSITIVE_INFINITY, 'D');
  const fraction = micros % minute;
  const seconds = fraction === 0 ? '' : `${fraction / second}S`;
  const time = part(hour, day, 'H') + part(minute, hour, 'M') + seconds;
  if (days === '' && time === '') return 'PT0S';
  return `P${days}${time === '' ? '' : `T${time}`}`;
}
