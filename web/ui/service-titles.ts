import { useServiceTitles } from '../api/figures.ts';
import { useServices } from '../api/send.ts';
import { useText } from './language.ts';
import { plainly } from './plainly.ts';

/** What a service of the sender is called, or one of another on which it may send. */
export function useTitleOf(party: string): (resource: string) => string {
  const { language } = useText();
  const own = useServiceTitles(party).data?.services ?? [];
  const others = useServices(party).data?.services ?? [];
  return (resource) => plainly([...own, ...others].find(({ id }) => id === resource)?.title[language] ?? resource, 100);
}
