import { mayEach } from '#access/index.ts';
import { sendersSeenBy } from '#correspondence/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { kindsOf } from './policies.ts';
import { listOpenForAnother, listOpenResources, type OwnPost } from './store/board.ts';

/**
 * The caller's own unread post: what its party answers for as sender, in resources in which it may send, and what it has sent itself on
 * services of others. Undefined for a caller that acts for nobody. A client that may only send files sees files only.
 */
export async function ownPost(reader: Reader, caller: Caller): Promise<OwnPost | undefined> {
  const sender = caller.party;
  if (!sender) return undefined;
  const kinds = kindsOf(caller);
  const [[seen], own] = [await sendersSeenBy(reader, [{ caller, owner: null }]), await listOpenResources(reader, sender)];
  const senders = seen ?? [];
  const sent = kinds.includes('message') && senders.length > 0 ? await listOpenForAnother(reader, senders) : [];
  const asked = [...own.map((resource) => ({ resource, owner: sender })), ...sent.filter(({ owner }) => owner !== sender)];
  const rights = await mayEach(
    reader,
    asked.map(({ resource, owner }) => ({ caller, question: { action: 'write', resource, party: owner } })),
  );
  const permitted = asked.filter((_, i) => rights[i]!.permit);
  const others = permitted.filter(({ owner }) => owner !== sender).map(({ resource }) => resource);
  return {
    sender,
    resources: permitted.filter(({ owner }) => owner === sender).map(({ resource }) => resource),
    kinds,
    forAnother: others.length > 0 ? { senders, resources: others } : null,
  };
}

/** Whom a caller speaks for as a whole, whatever the resource: an organization by its own client. */
export function ownSender(caller: Caller): PartyId | undefined {
  return caller.kind === 'organization' && caller.party !== null && caller.party === (caller.subject ?? caller.party)
    ? caller.party
    : undefined;
}
