import { listKeyRoleHolders, partiesOf, whoCanOpen } from '#access/index.ts';
import { type DialogPart, listDialogParts } from '#correspondence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { CorrespondenceId, PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParties } from '#register/index.ts';
import { findWatch } from '#watch/index.ts';
import { inboxErrors as e } from './errors.ts';
import { personOf } from './party.ts';
import { type Standing, standingsOf } from './rights.ts';
import type { Absence } from './wire.ts';

/** Of more nobody asks. */
const mostToAsk = 5;

/**
 * Why a message is not to be seen, for one who acts for its receiver: it was taken back, deleted, its time is over, or the right is
 * missing, and who could give it. Of confidential post whose right is missing only who could give it hears, as of all that lies sealed.
 * To everybody else there is no such message. It opens nothing. Refuses entryNotFound, personsOnly.
 */
export async function tellAbsence(ctx: Context, caller: Caller, id: string): Promise<Absence> {
  const person = personOf(caller);
  const part = (await listDialogParts(ctx.db, [id as CorrespondenceId])).get(id as CorrespondenceId);
  if (!part?.message.publishedAt) throw refuse(e.entryNotFound);
  const { recipientId: party, resourceId, purgedAt, isConfidential, ownerId } = part.message;
  if (!(await partiesOf(ctx.db, person)).includes(party)) throw refuse(e.entryNotFound);
  const dialog = part.message.transmissionOf ?? id;
  const [standing] = await standingsOf(ctx.db, caller, [{ id, party, resource: resourceId, dialog }]);
  const why = await reasonOf(ctx.db, part, standing!);
  if (why === undefined) throw refuse(e.entryNotFound);
  const { givers, ask } = why === 'no-right' ? await whoToAsk(ctx.db, part) : { givers: [], ask: [] };
  const mayGive = givers.includes(person);
  if (why === 'no-right' && isConfidential && !mayGive) throw refuse(e.entryNotFound);
  const parties = await findParties(ctx.db, [ownerId, party, ...ask]);
  const nameOf = (one: PartyId): string => parties.get(one)?.name ?? '';
  return {
    why,
    sender: part.messageSender ?? nameOf(ownerId),
    recipient: { id: party, name: nameOf(party) },
    publishedAt: part.message.publishedAt.toISOString(),
    goneAt: purgedAt?.toISOString() ?? null,
    mayGive,
    ask: ask.map(nameOf).filter((name) => name !== ''),
  };
}

/** Undefined: of what is gone nobody hears who had no right to it. `soon`: the inbox is a moment behind. */
async function reasonOf(reader: Reader, { message }: DialogPart, { can }: Standing): Promise<Absence['why'] | undefined> {
  if (message.purgedAt === null) return can === 'no' ? 'no-right' : 'soon';
  if (can === 'no') return undefined;
  if (message.state === 'PurgedByRecipient') return 'deleted';
  return (await findWatch(reader, message.id))?.outcome === 'recalled' ? 'recalled' : 'expired';
}

/** Who could give the right where nobody has it, and all that can be asked: these, and who leads the organization. */
async function whoToAsk(reader: Reader, { message: { id, recipientId: party, resourceId: resource } }: DialogPart) {
  const need = { resource, action: 'read', instance: id, what: 'message' } as const;
  const [found] = await whoCanOpen(reader, [{ party, needs: [need] }]);
  const givers = found!.grantors.filter(({ kind }) => kind === 'person').map((giver) => giver.party);
  const leaders = (await listKeyRoleHolders(reader, [party])).get(party) ?? [];
  return { givers, ask: [...new Set([...givers, ...leaders])].slice(0, mostToAsk) };
}
