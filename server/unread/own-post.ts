import { mayEach } from '#access/index.ts';
import { sendersSeenBy } from '#correspondence/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { kindsOf, postKinds } from './policies.ts';
import { listOpenForAnother, listOpenResources, type OwnPost } from './store/board.ts';

/**
 * The caller's own unread post: what its party answers for as sender, in resources in which it may send, and what it has sent itself on
 * services of others. Undefined for a caller that acts for nobody. A client that may only send files sees files only.
 */
export async function ownPost(reader: Reader, caller: Caller): Promise<OwnPost | undefined> {
  const sender = caller.party;
  if (!sender) return undefined;
  const kinds = kindsOf(caller);
  const own = (await listOpenResources(reader, sender)).map((resource) => ({ resource, owner: sender }));
  const resources = (await whereItMaySend(reader, caller, own)).map(({ resource }) => resource);
  return { sender, resources, kinds, forAnother: kinds.includes('message') ? await sentForAnother(reader, caller, sender) : null };
}

/**
 * The unread post that an organization is told of by itself, when nobody asks: of its own services all, and what it has sent on those of
 * others in which it may still send.
 */
export async function postOf(reader: Reader, sender: PartyId): Promise<OwnPost> {
  return {
    sender,
    resources: await listOpenResources(reader, sender),
    kinds: postKinds,
    forAnother: await sentForAnother(reader, itself(sender), sender),
  };
}

/** An organization as its own client: what it may there, it may by its own right, and by no scope. */
const itself = (organization: PartyId): Caller => ({
  kind: 'organization',
  issuer: 'altinn',
  subject: organization,
  party: organization,
  consumer: organization,
  scopes: new Set(),
  authLevel: 3,
  clientId: null,
});

async function sentForAnother(reader: Reader, caller: Caller, sender: PartyId): Promise<OwnPost['forAnother']> {
  const [senders] = await sendersSeenBy(reader, [{ caller, owner: null }]);
  if (!senders || senders.length === 0) return null;
  const sent = (await listOpenForAnother(reader, senders)).filter(({ owner }) => owner !== sender);
  const resources = (await whereItMaySend(reader, caller, sent)).map(({ resource }) => resource);
  return resources.length > 0 ? { senders, resources } : null;
}

interface Service {
  readonly resource: ResourceId;
  readonly owner: PartyId;
}

async function whereItMaySend(reader: Reader, caller: Caller, services: readonly Service[]): Promise<Service[]> {
  const rights = await mayEach(
    reader,
    services.map(({ resource, owner }) => ({ caller, question: { action: 'write', resource, party: owner } })),
  );
  return services.filter((_, i) => rights[i]!.permit);
}

/** Whom a caller speaks for as a whole, whatever the resource: an organization by its own client. */
export function ownSender(caller: Caller): PartyId | undefined {
  return caller.kind === 'organization' && caller.party !== null && caller.party === (caller.subject ?? caller.party)
    ? caller.party
    : undefined;
}
