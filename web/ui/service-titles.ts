import { useServiceTitles } from '../api/figures.ts';
import { useText } from './language.ts';
import { plainly } from './plainly.ts';

/** What a service of the sender is called. */
export function useTitleOf(party: string): (resource: string) => string {
  const { language } = useText();
  const { data } = useServiceTitles(party);
  return (resource) => plainly(data?.services.find(({ id }) => id === resource)?.title[language] ?? resource, 100);
}
