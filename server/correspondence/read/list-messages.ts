import { findResource, may } from '#access/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { CorrespondenceId, PartyId, ResourceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { parsePartyReference, partiesByNumber } from '#register/index.ts';
import { correspondenceErrors as e } from '../errors.ts';
import { bareResourceId } from '../send/request.ts';
import { beforePublish } from '../states.ts';
import type { Message } from '../store/message.ts';
import { listByKey, listByReference, type SenderSide, type Sent, searchMessages } from '../store/search.ts';
import { dialogOf } from './dialog-id.ts';
import { messageOfToken } from './of-dialog-token.ts';
import { areAmong, sendersSeenBy } from './own-sending.ts';
import { hasWriteScope } from './standing.ts';
import type { ListQuery } from './wire.ts';

/**
 * Ids of messages, latest first, 1000 at most; the next ones follow the last id of the former. A recipient needs the right to read for
 * the party that it asks for, a sender the right to send; with both roles the sides to which there is a right are searched. Who may send
 * in a resource of another's finds what it has sent itself.
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
  if (query.idempotentKey)
    return {
      ids: await listOwnByKey(ctx.db, caller, sides.sender ?? (await asSender(ctx.db, caller, resource, null)), query.idempotentKey),
    };
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
    after: (query.after as CorrespondenceId | null | undefined) ?? null,
  });
  return { ids };
}

function toDate(text: string | null | undefined): Date | null {
  return text ? new Date(text) : null;
}

interface Sides {
  readonly recipient: PartyId | null;
  readonly sender: SenderSide | null;
}

/** As whom the caller may search: of the roles that it asks for, those it has the right to. Refuses callerUnknown, noAccess. */
async function sidesOf(reader: Reader, caller: Caller, resource: ResourceId, query: ListQuery): Promise<Sides> {
  const ofToken = await messageOfToken(reader, caller);
  const byDefault = ofToken?.recipientId ?? caller.party;
  const named = query.onBehalfOf ? await partyNamed(reader, query.onBehalfOf) : byDefault;
  if (!named) throw refuse(query.onBehalfOf ? e.noAccess : e.callerUnknown);
  const recipient = query.role === 'Sender' ? null : await asReader(reader, caller, { resource, party: named, ofToken });
  const sender = query.role === 'Recipient' ? null : await asSender(reader, caller, resource, query.onBehalfOf ? named : null);
  if (!recipient && !sender) throw refuse(e.noAccess, { resource });
  return { recipient, sender };
}

async function partyNamed(reader: Reader, reference: string): Promise<PartyId | null> {
  const number = parsePartyReference(reference)?.number;
  return number ? ((await partiesByNumber(reader, [number])).get(number)?.id ?? null) : null;
}

interface Place {
  readonly resource: ResourceId;
  readonly party: PartyId;
  readonly ofToken: Message | undefined;
}

/** A dialog token is good for the resource and the recipient of its own dialog alone, where its holder may read all of the resource. */
async function asReader(reader: Reader, caller: Caller, { resource, party, ofToken }: Place): Promise<PartyId | null> {
  const within = ofToken?.resourceId === resource ? { dialog: dialogOf(ofToken) } : {};
  const right = await may(reader, caller, { action: 'read', resource, party, ...within });
  return right.permit ? party : null;
}

/** The sender of record is the resource's owner, also when somebody else sends in its name, who finds what it has sent itself. */
async function asSender(reader: Reader, caller: Caller, resource: ResourceId, named: PartyId | null): Promise<SenderSide | null> {
  const owner = (await findResource(reader, resource))?.ownerId;
  if (!owner || (named && named !== owner && named !== caller.party)) return null;
  const right = await may(reader, caller, { action: 'write', resource, party: owner });
  if (!right.permit) return null;
  const [by] = await sendersSeenBy(reader, [{ caller, owner }]);
  return { owner, by: by! };
}

/** Whatever the resource and the role: a key is looked up among those of the resource's owner. What another has sent is none of the caller's business. */
async function listOwnByKey(reader: Reader, caller: Caller, side: SenderSide | null, key: string): Promise<CorrespondenceId[]> {
  if (!side) return [];
  const own = (await listByKey(reader, side.owner, key)).filter(({ createdBy }) => areAmong(side.by, createdBy));
  return writable(reader, caller, own);
}

async function listByReferenceAlone(reader: Reader, caller: Caller, reference: string): Promise<CorrespondenceId[]> {
  if (!hasWriteScope(caller)) throw refuse(e.noAccess);
  const owner = caller.party;
  if (!owner) throw refuse(e.callerUnknown);
  const [by] = await sendersSeenBy(reader, [{ caller, owner: null }]);
  return writable(reader, caller, await listByReference(reader, { owner, by: by! }, reference));
}

/** Those in resources in which the caller may send. */
async function writable(reader: Reader, caller: Caller, sent: readonly Sent[]): Promise<CorrespondenceId[]> {
  const resources = [...new Map(sent.map(({ resourceId, ownerId }) => [resourceId, ownerId]))];
  const rights = await Promise.all(resources.map(([resource, party]) => may(reader, caller, { action: 'write', resource, party })));
  const allowed = new Set(resources.filter((_, i) => rights[i]!.permit).map(([resource]) => resource));
  return sent.filter(({ resourceId }) => allowed.has(resourceId)).map(({ id }) => id);
}
