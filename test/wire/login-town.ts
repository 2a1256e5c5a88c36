import { type Client, enterpriseToken } from '../../demo/client.ts';
import { people, senderScopes, town as wireTown } from './town.ts';

export { api, citizenUrn, people, resources } from './town.ts';

/** The town of these tests, and somebody whose name tries to be more than a name. */
export const town = {
  ...wireTown,
  parties: [...wireTown.parties, { kind: 'person', number: '08886713437', name: `O'<Brien> & "Sønner"` }],
};

/** A token of the agency that sends. */
export function enterpriseTokenOf(client: Client): Promise<string> {
  return enterpriseToken(client, people.directorate, senderScopes);
}
