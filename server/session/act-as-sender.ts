import { reachesAdministering, sendsFor } from '#access/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { type Refusal, refuse } from '#kernel/refusal.ts';
import { sessionErrors as e } from './errors.ts';

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** What a sender has: it sends, follows and decides. None of these opens anything. */
const sendersScopes: ReadonlySet<string> = new Set(['altinn:correspondence.write', 'altinn:broker.write']);
/** Whoever acts as the organization itself also says where it is told of events. */
const administratorsScopes: ReadonlySet<string> = new Set([...sendersScopes, 'altinn:events.subscribe']);
/**
 * The caller for whom a person acts as a sender. Who administers access at an organization acts as it, since whatever it may they could
 * give themselves; anybody else acts by the right that policies give them, for it. What is done is done by name: evidence has the person
 * and the organization. Whoever changes something logs in as whoever gives access there must. Asked at each call, so whoever has lost it has lost it.
 *
 * Refuses mayNotActFor, levelTooLow.
 */
export async function actAsSender(reader: Reader, person: Caller, wanted: string, changes: boolean): Promise<Caller | Refusal> {
  if (!uuid.test(wanted) || person.subject === null) return refuse(e.mayNotActFor);
  const organization = wanted as PartyId;
  const how = (await sendsFor(reader, person, [organization])).get(organization);
  if (how === undefined) return refuse(e.mayNotActFor);
  if (changes && !reachesAdministering(person)) return refuse(e.levelTooLow);
  const acting: Caller = { ...person, party: organization, scopes: sendersScopes, actor: person.subject };
  return how === 'by policy' ? acting : { ...acting, scopes: administratorsScopes, kind: 'organization', subject: organization };
}
