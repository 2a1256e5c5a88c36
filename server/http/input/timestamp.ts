const shape =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,16}))?)?)?(?: ?(Z|[+-]\d{2}(?::?\d{2})?)| (\d{2}:\d{2}))?$/i;

function isCalendarDate(year: number, month: number, day: number): boolean {
  if (year < 1) return false;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function offsetOf(text: string): string | undefined {
  if (/^z$/i.test(text)) return 'Z';
  const hours = Number(text.slice(1, 3));
  const minutes = Number(text.length > 3 ? text.slice(-2) : '0');
  if (hours > 14 || minutes > 59) return undefined;
  return `${text.slice(0, 3)}:${String(minutes).padStart(2, '0')}`;
}

/**
 * An instant as clients write it, in full: date, time, at most microseconds, offset. Without a zone it is UTC. A plus sign
 * that a query string turned into a blank is read as one. Undefined for what is no instant.
 *
 * Source: compatibility.md, correspondence, §1.1, §5.1.
 */
export function canonicalTimestamp(text: string): string | undefined {
  const match = shape.exec(text.trim());
  if (!match) return undefined;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone, blankZone] = match;
  if (!isCalendarDate(Number(year), Number(month), Number(day))) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const offset = offsetOf(zone ?? (blankZone ? `+${blankZone}` : 'Z'));
  if (offset === undefined) return undefined;
  const time = `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction && `.${fraction.slice(0, 6)}`}${offset}`;
  const utcYear = new Date(time).getUTCFullYear(); // an offset may push the first and the last day out of the calendar
  return utcYear < 1 || utcYear > 9999 ? undefined : time;
}
