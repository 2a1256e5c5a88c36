import { listOwners, positionsOf } from '#access/index.ts';
import { anonymous, type Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** With these a sender sees what became of what it sent. None of them opens anything. */
const sendersScopes: ReadonlySet<string> = new Set(['altinn:correspondence.write', 'altinn:broker.write']);

/**
 * The organization that a person looks for, as a sender: one that owns services, where the person administers access. For reading
 * only: what is done is done by the person, by name. Undefined where the person may not; then it stays itself.
 */
export async function lookAsSender(reader: Reader, person: Caller, wanted: string): Promise<Caller | undefined> {
  if (!uuid.test(wanted) || person.subject === null) return undefined;
  const organization = wanted as PartyId;
  const [positions, owners] = await Promise.all([positionsOf(reader, person.subject), listOwners(reader, [organization])]);
  const administers = positions.some(
    ({ at, isMainAdministrator, isAccessManager }) => at === organization && (isMainAdministrator || isAccessManager),
  );
  if (!administers || !owners.has(organization)) return undefined;
  const { issuer, authLevel, clientId } = person;
  return {
    ...anonymous,
    kind: 'organization',
    issuer,
    subject: organization,
    party: organization,
    scopes: sendersScopes,
    authLevel,
    clientId,
  };
}
