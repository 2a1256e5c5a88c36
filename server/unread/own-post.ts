import { mayEach } from '#access/index.ts';
import { sendersSeenBy } from '#correspondence/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { kindsOf, type PostKind } from './policies.ts';
import { listOpenForAnother, listOpenResources } from './store/board.ts';

/** What a caller may look at as a sender. */
export interface OwnPost {
  readonly sender: PartyId;
  readonly resources: readonly ResourceId[];
  readonly kinds: readonly PostKind[];
  /** Messages that it has sent on services of others, in which it may still send; null where there are none. */
  readonly forAnother: { readonly senders: readonly PartyId[]; readonly resources: readonly ResourceId[] } | null;
}

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
