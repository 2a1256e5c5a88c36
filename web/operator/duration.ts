import { spanOf } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';

const units = [
  { unit: 'day', seconds: 86_400 },
  { unit: 'hour', seconds: 3600 },
  { unit: 'minute', seconds: 60 },
] as const;

/** A length of time in its largest whole unit: `3 timer`. */
export function useDuration() {
  const { language } = useText();
  return (seconds: number): string => {
    const { unit, seconds: one } = units.find((each) => seconds >= each.seconds) ?? ({ unit: 'second', seconds: 1 } as const);
    return spanOf(language, Math.floor(seconds / one), unit);
  };
}
