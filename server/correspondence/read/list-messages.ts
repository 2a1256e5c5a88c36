import { findResource, may } from '#access/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { CorrespondenceId, PartyId, ResourceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { parsePartyReference, partiesByNumber } from '#register/index.ts';
import { correspondenceErrors as e } from '../errors.ts';
import { bareResourceId } from '../send/request.ts';
import { beforePublish } from '../states.ts';
import { listByKey, listByReference, type Sent, searchMessages } from '../store/search.ts';
import { hasWriteScope } from './standing.ts';
import type { ListQuery } from './wire.ts';

/**
 * Ids of messages, latest first, 1000 at most. A recipient needs the right to read for the party that it asks for, a sender the
 * right to send; with both roles the sides to which there is a right are searched.
 *
 * By a sender's reference alone the search goes through every resource in which the caller may send, which is how an existing
 * client recovers from 409 (§5.3). Refuses fromAfterTo, callerUnknown, noAccess.
 * Source: compatibility.md, correspondence, §5.
 */
export async function listMessages(ctx: Context, caller: Caller, query: ListQuery): Promise<{ ids: CorrespondenceId[] }> {
  const [from, to] = [toDate(query.from), toDate(query.to)];
  if (from && to && from > to) throw refuse(e.fromAfterTo);
  if (!query.resourceId) return { ids: await listByReferenceAlone(ctx.db, caller, query.sendersReference ?? '') };
  const resource = bareResourceId(query.resourceId);
  const sides = await sidesOf(ctx.db, caller, resource, { ...query, role: query.role ?? 'Sender' });
  if (query.idempotentKey) return { ids: sides.sender ? await listOwnByKey(ctx.db, sides.sender, query.idempotentKey) : [] };
  if (query.altinn2CorrespondenceId) return { ids: [] };
  const hidden = query.status !== undefined && query.status !== null && beforePublish.has(query.status);
  const recipient = hidden ? null : sides.recipient;
  if (!recipient && !sides.sender) return { ids: [] };
  const ids = await searchMessages(ctx.db, {
    resource,
    recipient,
    sender: sides.sender,
    status: query.status ?? null,
    from,
    to,
    sendersReference: query.sendersReference ?? null,
  });
  return { ids };
}

function toDate(text: string | null | undefined): Date | null {
  return text ? new Date(text) : null;
}

interface Sides {
  readonly recipient: PartyId | null;
  readonly sender: PartyId | null;
}

/** As whom the caller may search: of the roles that it asks for, those it has the right to. Refuses callerUnknown, noAccess. */
async function sidesOf(reader: Reader, caller: Caller, resource: ResourceId, query: ListQuery): Promise<Sides> {
  const named = query.onBehalfOf ? await partyNamed(reader, query.onBehalfOf) : caller.party;
  if (!named) throw refuse(query.onBehalfOf ? e.noAccess : e.callerUnknown);
  const recipient = query.role === 'Sender' ? null : await asReader(reader, caller, resource, named);
  const sender = query.role === 'Recipient' ? null : await asSender(reader, caller, resource, query.onBehalfOf ? named : null);
  if (!recipient && !sender) throw refuse(e.noAccess, { resource });
  return { recipient, sender };
}

async function partyNamed(reader: Reader, reference: string): Promise<PartyId | null> {
  const number = parsePartyReference(reference)?.number;
  return number ? ((await partiesByNumber(reader, [number])).get(number)?.id ?? null) : null;
}

async function asReader(reader: Reader, caller: Caller, resource: ResourceId, party: PartyId): Promise<PartyId | null> {
  const right = await may(reader, caller, { action: 'read', resource, party });
  return right.permit ? party : null;
}

/** The sender of record is the resource's owner, also when somebody else sends in its name. */
async function asSender(reader: Reader, caller: Caller, resource: ResourceId, named: PartyId | null): Promise<PartyId | null> {
  const owner = (await findResource(reader, resource))?.ownerId;
  if (!owner || (named && named !== owner)) return null;
  const right = await may(reader, caller, { action: 'write', resource, party: owner });
  return right.permit ? owner : null;
}

/** A key that another owner used is none of the caller's business. */
async function listOwnByKey(reader: Reader, owner: PartyId, key: string): Promise<CorrespondenceId[]> {
  return (await listByKey(reader, owner, key)).map(({ id }) => id);
}

async function listByReferenceAlone(reader: Reader, caller: Caller, reference: string): Promise<CorrespondenceId[]> {
  if (!hasWriteScope(caller)) throw refuse(e.noAccess);
  const owner = caller.consumer ?? caller.party;
  if (!owner) throw refuse(e.callerUnknown);
  const found = await listByReference(reader, owner, reference);
  const allowed = await writableOf(reader, caller, owner, found);
  return found.filter(({ resourceId }) => allowed.has(resourceId)).map(({ id }) => id);
}

async function writableOf(reader: Reader, caller: Caller, party: PartyId, sent: readonly Sent[]): Promise<Set<ResourceId>> {
  const resources = [...new Set(sent.map(({ resourceId }) => resourceId))];
  const rights = await Promise.all(resources.map((resource) => may(reader, caller, { action: 'write', resource, party })));
  return new Set(resources.filter((_, i) => rights[i]!.permit));
}
