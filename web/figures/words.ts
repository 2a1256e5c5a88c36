import { causes } from '../api/board-words.ts';
import { openability, outcomes } from '../api/sent.ts';
import { useText } from '../ui/language.ts';

/** Why something is unread, where no time of a notice is at hand. */
export function useCauseName(): (cause: string) => string {
  const { t } = useText();
  return (cause) => {
    if (cause === 'waiting') return t('unread.waiting');
    if (cause === 'younger-than-a-day') return t('figures.youngerThanADay');
    const known = causes.find((each) => each === cause);
    return known ? t(`cause.${known}`) : cause;
  };
}

/** How something ended. */
export function useOutcomeName(): (outcome: string) => string {
  const { t } = useText();
  return (outcome) => {
    const known = outcomes.find((each) => each === outcome);
    return known ? t(`outcome.${known}`) : outcome;
  };
}

/** Who could open, without saying how many. */
export function useClassName(): (name: string) => string {
  const { t } = useText();
  return (name) => {
    if (name === 'not-known') return t('statements.notKnown');
    const known = openability.find((each) => each === name);
    return known ? t(`statements.class.${known}`) : name;
  };
}
