import type { Item } from '../api/inbox.ts';
import { useChosenParty } from '../ui/party.ts';

/** Whether post is to one person, who is spoken to as `du`, or to an organization, which is `dere`. */
export function useIsToPerson({ recipient }: Pick<Item, 'recipient'>): boolean {
  const { parties } = useChosenParty();
  return parties.find(({ id }) => id === recipient.id)?.kind === 'person';
}
