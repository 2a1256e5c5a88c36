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

/** Sizes in the units that people see on their own machine. */
export function useSize() {
  const { language } = useText();
  return (bytes: number): string => {
    const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
    let [value, unit] = [bytes, 0];
    while (value >= 1000 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
    return new Intl.NumberFormat(locales[language], {
      style: 'unit',
      unit: units[unit],
      maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0,
    }).format(value);
  };
}
