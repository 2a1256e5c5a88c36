import { type Language, locales, useText } from './language.ts';

const timeZone = 'Europe/Oslo';
const made = new Map<string, Intl.DateTimeFormat>();

function format(language: Language, name: 'day' | 'moment'): Intl.DateTimeFormat {
  const key = `${language} ${name}`;
  const found = made.get(key);
  if (found) return found;
  const time = name === 'moment' ? ({ hour: '2-digit', minute: '2-digit' } as const) : {};
  const fresh = new Intl.DateTimeFormat(locales[language], { timeZone, day: 'numeric', month: 'short', year: 'numeric', ...time });
  made.set(key, fresh);
  return fresh;
}

/** Dates as people in Norway read them, wherever the browser is. */
export function useDates() {
  const { language } = useText();
  return {
    day: (instant: string) => format(language, 'day').format(new Date(instant)),
    moment: (instant: string) => format(language, 'moment').format(new Date(instant)),
  };
}

const nynorskDays = ['sundag', 'måndag', 'tysdag', 'onsdag', 'torsdag', 'fredag', 'laurdag'] as const;
const noon = Date.UTC(2026, 10, 1, 12); // a Sunday
const dayMillis = 86_400_000;

/** Pure. The name of a day of the week; 0 is Sunday. */
export function weekdayName(language: Language, day: number): string {
  if (language === 'nn') return nynorskDays[day]!;
  return new Intl.DateTimeFormat(locales[language], { weekday: 'long', timeZone: 'UTC' }).format(new Date(noon + day * dayMillis));
}

const dayInNorway = new Intl.DateTimeFormat('en-GB', { weekday: 'short', timeZone });
const shortDays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** Pure. The name of the day of the week that a moment falls on in Norway. */
export function weekdayOf(language: Language, instant: string): string {
  return weekdayName(language, shortDays.indexOf(dayInNorway.format(new Date(instant))));
}

const nynorskUnits = {
  day: ['dag', 'dagar'],
  hour: ['time', 'timar'],
  minute: ['minutt', 'minutt'],
  second: ['sekund', 'sekund'],
} as const;

/** Pure. `2,5 timer`, in whole words. */
export function spanOf(language: Language, value: number, unit: keyof typeof nynorskUnits, maximumFractionDigits = 0): string {
  if (language !== 'nn') {
    return new Intl.NumberFormat(locales[language], { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits }).format(value);
  }
  const said = new Intl.NumberFormat(locales.nn, { maximumFractionDigits }).format(value);
  return `${said} ${nynorskUnits[unit][said === '1' ? 0 : 1]}`;
}

/** Sizes in the units that people see on their own machine. */
export function useSize() {
  const { language } = useText();
  return (bytes: number): string => {
    const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
    let [value, unit] = [bytes, 0];
    while (value >= 1000 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
    return new Intl.NumberFormat(locales[language], {
      style: 'unit',
      unitDisplay: unit === 0 ? 'long' : 'short', // the short form of bytes has no plural
      unit: units[unit],
      maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0,
    }).format(value);
  };
}
