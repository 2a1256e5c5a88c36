import { asItself, mayLookAfterEach, predecessorsOf } from '#access/index.ts';
import { sendersLookedAfterBy } from '#correspondence/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { kindsOf, postKinds } from './policies.ts';
import { listOpenForAnother, listOpenResources, type OwnPost } from './store/board.ts';

/**
 * The caller's own unread post: what its party answers for as sender, in resources in which it may send, what those answer for that are
 * gone and for which it stands in, and what it has sent itself on services of others. Undefined for a caller that acts for nobody. A client
 * that may only send files sees files only.
 */
export async function ownPost(reader: Reader, caller: Caller): Promise<OwnPost | undefined> {
  const sender = caller.party;
  if (!sender) return undefined;
  const kinds = kindsOf(caller);
  const senders = await sendersOf(reader, caller, sender);
  const own = await whereItMayLook(reader, caller, await listOpenResources(reader, senders));
  return {
    own: bySender(senders, own),
    kinds,
    forAnother: kinds.includes('message') ? await sentForAnother(reader, caller, senders) : null,
  };
}

/**
 * The unread post that an organization is told of by itself, when nobody asks: of its own services all, also of those whose place it has
 * taken, and what it has sent on those of others in which it may still send.
 */
export async function postOf(reader: Reader, sender: PartyId): Promise<OwnPost> {
  const senders = await sendersOf(reader, asItself(sender), sender);
  return {
    own: bySender(senders, await listOpenResources(reader, senders)),
    kinds: postKinds,
    forAnother: await sentForAnother(reader, asItself(sender), senders),
  };
}

/** What of it a sender that is gone has left to who stands in for it: a part of what that one is told of. */
export async function postInPlaceOf(reader: Reader, gone: PartyId, standIn: PartyId): Promise<OwnPost> {
  const { own, kinds, forAnother } = await postOf(reader, standIn);
  const [sent] = await sendersLookedAfterBy(reader, [{ caller: asItself(gone), owner: null }]);
  const theirs = forAnother?.senders.filter((id) => sent?.includes(id)) ?? [];
  return {
    own: [{ sender: gone, resources: own.find(({ sender }) => sender === gone)?.resources ?? [] }],
    kinds,
    forAnother: forAnother && theirs.length > 0 ? { ...forAnother, senders: theirs } : null,
  };
}

/** Itself first. */
async function sendersOf(reader: Reader, caller: Caller, sender: PartyId): Promise<PartyId[]> {
  return [sender, ...(await predecessorsOf(reader, [caller]))[0]!.map(({ id }) => id)];
}

/** One with nothing that is open is left out, but for the first. */
function bySender(senders: readonly PartyId[], services: readonly Service[]): OwnPost['own'] {
  const of = (sender: PartyId) => services.filter(({ owner }) => owner === sender).map(({ resource }) => resource);
  return senders.map((sender) => ({ sender, resources: of(sender) })).filter(({ resources }, i) => i === 0 || resources.length > 0);
}

async function sentForAnother(reader: Reader, caller: Caller, own: readonly PartyId[]): Promise<OwnPost['forAnother']> {
  const [senders] = await sendersLookedAfterBy(reader, [{ caller, owner: null }]);
  if (!senders || senders.length === 0) return null;
  const sent = (await listOpenForAnother(reader, senders)).filter(({ owner }) => !own.includes(owner));
  const resources = (await whereItMayLook(reader, caller, sent)).map(({ resource }) => resource);
  return resources.length > 0 ? { senders, resources } : null;
}

interface Service {
  readonly resource: ResourceId;
  readonly owner: PartyId;
}

async function whereItMayLook(reader: Reader, caller: Caller, services: readonly Service[]): Promise<Service[]> {
  const rights = await mayLookAfterEach(
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
