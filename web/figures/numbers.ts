import { spanOf } from '../ui/dates.ts';
import { type Language, locales, useText } from '../ui/language.ts';

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** Numbers as people read them. */
export function useNumbers() {
  const { t, language } = useText();
  return {
    count: (n: number): string => new Intl.NumberFormat(locales[language]).format(n),
    percent: (share: number): string =>
      new Intl.NumberFormat(locales[language], { style: 'percent', maximumFractionDigits: share > 0 && share < 0.1 ? 1 : 0 }).format(share),
    duration: (seconds: number): string => (seconds < minute ? t('figures.underMinute') : durationOf(seconds, language)),
  };
}

/** Pure. In the largest unit of which there are two, or in minutes. */
function durationOf(seconds: number, language: Language): string {
  const [unit, size] =
    seconds >= 2 * day ? (['day', day] as const) : seconds >= 2 * hour ? (['hour', hour] as const) : (['minute', minute] as const);
  const value = seconds / size;
  return spanOf(language, value, unit, value < 10 && unit !== 'minute' ? 1 : 0);
}
