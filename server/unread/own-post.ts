import { mayEach } from '#access/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { listOpenResources } from './store/board.ts';

/** What a caller may look at as a sender. */
export interface OwnPost {
  readonly sender: PartyId;
  readonly resources: readonly ResourceId[];
  readonly kinds: readonly PostKind[];
}

export const postKinds = ['message', 'file'] as const;
export type PostKind = (typeof postKinds)[number];

const scopeOf: Readonly<Record<PostKind, string>> = { message: 'altinn:correspondence.write', file: 'altinn:broker.write' };

/**
 * The caller's own unread post: what its party answers for as sender, in resources in which it may send. Undefined for a caller that
 * acts for nobody. A client that may only send files sees files only.
 */
export async function ownPost(reader: Reader, caller: Caller): Promise<OwnPost | undefined> {
  const sender = caller.party;
  if (!sender) return undefined;
  const resources = await listOpenResources(reader, sender);
  const rights = await mayEach(
    reader,
    resources.map((resource) => ({ caller, question: { action: 'write', resource, party: sender } })),
  );
  return {
    sender,
    resources: resources.filter((_, i) => rights[i]!.permit),
    kinds: postKinds.filter((kind) => caller.scopes.has(scopeOf[kind])),
  };
}

/** Whom a caller speaks for as a whole, whatever the resource: an organization by its own client. */
export function ownSender(caller: Caller): PartyId | undefined {
  return caller.kind === 'organization' && caller.party !== null && caller.party === (caller.subject ?? caller.party)
    ? caller.party
    : undefined;
}
