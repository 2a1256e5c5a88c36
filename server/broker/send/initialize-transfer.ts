import { resolveResource } from '#access/index.ts';
import { busy, joinCallers } from '#db/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import { asDb, type Tx } from '#kernel/database.ts';
import { type FileTransferId, newId, type ResourceId } from '#kernel/ids.ts';
import { resolveParties } from '#register/index.ts';
import type { Acting } from '../acting-for.ts';
import type { BrokerContext } from '../context.ts';
import { findTransfers, type Transfer } from '../store/transfer.ts';
import { bareResourceId, numberIn } from '../wire.ts';
import { type Announcement, announceTransfers } from './announce-transfers.ts';
import type { InitializeTransfer } from './wire.ts';

type AnnouncingContext = Context & Pick<BrokerContext, 'approvalNeeded'>;

/** An announcement to more than so many goes by itself. */
const mostRecipients = 100;

const announce = joinCallers<Announcement & { readonly ctx: AnnouncingContext }, Transfer>({
  async run(tx, asked, waits) {
    if (!waits) return announceTransfers(tx, asked);
    return Promise.all(asked.map(async (one) => ({ value: await announceByItself(tx, one) })));
  },
  isAlone: ({ body }) => body.recipients.length > mostRecipients,
  async findWritten(reader, transfers) {
    const rows = await findTransfers(
      reader,
      transfers.map(({ id }) => id),
    );
    const written = new Set(rows.map(({ id }) => id));
    return new Set(transfers.filter(({ id }) => written.has(id)));
  },
});

/**
 * A sender announces a file; its bytes come next. From now on somebody is watched to fetch it at each recipient. Twice makes two. Callers who
 * come at the same time share a transaction.
 *
 * Refuses noAccess, unscannedNeedsApproval, recipientsUnknown, recipientsNotInList, requiredPartyOneRecipient, requiredPartyMissing.
 * Source: compatibility.md, broker, §1.5, §2.1.
 */
export async function initializeTransfer(ctx: AnnouncingContext, caller: Caller, body: InitializeTransfer): Promise<FileTransferId> {
  return (await announce(ctx.db, { ctx, caller, body, id: newId<FileTransferId>() })).id;
}

/** The same within a transaction that does more, which may know for whom the caller acts. */
export function announceTransfer(
  ctx: AnnouncingContext,
  tx: Tx,
  caller: Caller,
  body: InitializeTransfer,
  known?: Acting,
): Promise<Transfer> {
  return announceByItself(tx, { ctx, caller, body, id: newId<FileTransferId>(), ...(known ? { known } : {}) });
}

/** What a sandbox makes of names that nobody knows comes to be with the transfer, or not at all. */
async function announceByItself(tx: Tx, asked: Announcement & { readonly ctx: AnnouncingContext }): Promise<Transfer> {
  const { caller, body } = asked;
  const inside: Context = { db: asDb(tx), now: asked.ctx.now, log: asked.ctx.log };
  const resource = bareResourceId<ResourceId>(body.resourceId);
  await resolveResource(inside, resource, { type: 'BrokerService', owner: caller.consumer });
  await resolveParties(inside, [body.sender, ...body.recipients].map(numberIn));
  const [answer] = await announceTransfers(tx, [asked], true);
  if (answer === busy || !answer) throw new Error('an announcement was left without an answer');
  if ('refusal' in answer) throw answer.refusal;
  return answer.value;
}
