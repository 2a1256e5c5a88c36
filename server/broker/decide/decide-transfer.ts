import { actorOf } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Reader, Tx } from '#kernel/database.ts';
import type { FileTransferId, PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { partiesByNumber } from '#register/index.ts';
import {
  deciderOf,
  findWatch,
  nameOfDecider,
  ringIfMissing,
  settleByDecisions,
  type WatchView,
  watchFor,
  weighDecision,
} from '#watch/index.ts';
import { type Acting, actingForSender } from '../acting-for.ts';
import { lookAtOnce } from '../store/expiry.ts';
import { listRecipients } from '../store/recipient.ts';
import { findTransfer, lockTransfer, type Transfer } from '../store/transfer.ts';
import { decideErrors as e } from './errors.ts';

/** One recipient of one transfer. */
export interface SentTo {
  readonly id: FileTransferId;
  /** Nine digits. */
  readonly recipient: string;
}

/** Who decides that a file stays unfetched, and why. */
export interface Acceptance {
  readonly name: string;
  readonly reason: string;
}

/** What a sender decides about one recipient of a file and leaves the file where it is. */
export interface FileDecision extends Acceptance {
  readonly decision: 'accept-as-unread' | 'read-elsewhere';
  /** Of what was read elsewhere: where, and by what it is known. */
  readonly source?: string | undefined;
}

/** How far a recipient of a transfer has come, and what happens next, for its sender. Refuses notSent, watchMissing. */
export async function showTransferWatch(ctx: Context, caller: Caller, to: SentTo): Promise<WatchView> {
  const { party } = await sentTo(ctx.db, caller, to, await findTransfer(ctx.db, to.id));
  return watchFor(ctx, to.id, party);
}

/** The sender accepts that a recipient will not fetch a file, or not confirm one that it fetched. As `decideTransfer`. */
export function acceptUnfetched(ctx: Context, caller: Caller, acceptance: SentTo & Acceptance): Promise<WatchView> {
  return decideTransfer(ctx, caller, { ...acceptance, decision: 'accept-as-unread' });
}

/**
 * The sender accepts that a recipient will not fetch a file, or not confirm one that it fetched, or knows that it has it by another way:
 * it is asked no more, and bytes that were kept for that recipient alone go. The transfer is locked before its watch, as a confirmation
 * locks them: of the two the first wins. Deciding the same again changes nothing.
 *
 * Refuses notSent, alreadyEnded, decidedOtherwise, notPublished, watchMissing.
 */
export function decideTransfer(ctx: Context, caller: Caller, { id, recipient, ...said }: SentTo & FileDecision): Promise<WatchView> {
  const source = said.source?.trim();
  return ringIfMissing(ctx, () => decide(ctx, caller, { id, recipient }, { ...said, source }));
}

function decide(ctx: Context, caller: Caller, { id, recipient }: SentTo, { source, ...said }: FileDecision): Promise<WatchView> {
  return ctx.db.transaction(async (tx) => {
    const name = await nameOfDecider(tx, caller, said.name);
    const decision = { decision: said.decision, name, reason: said.reason.trim(), ...(source ? { source } : {}) };
    const { transfer, party, acting } = await holdSent(tx, caller, { id, recipient });
    const { kind, watch } = await weighDecision(tx, { about: id, party }, decision);
    if (kind === 'new') {
      const at = ctx.now();
      const by = deciderOf(caller, acting.party);
      await settleByDecisions(tx, [{ ...decision, watch, by, actor: actorOf(caller, acting.right.path) }], at);
      lookAtOnce(tx, transfer.id, at);
    }
    return (await findWatch(tx, id, party))!;
  });
}

/** A transfer that its sender holds, one of its recipients, and by what right the caller acts for the sender. */
export interface HeldTransfer {
  readonly transfer: Transfer;
  readonly party: PartyId;
  readonly acting: Acting;
}

/** Locks a transfer for its sender. Refuses notSent. */
export async function holdSent(tx: Tx, caller: Caller, to: SentTo): Promise<HeldTransfer> {
  const transfer = await lockTransfer(tx, to.id);
  return { transfer: transfer!, ...(await sentTo(tx, caller, to, transfer)) };
}

/** Everybody but its sender is told the same as of a transfer that does not exist. */
async function sentTo(
  reader: Reader,
  caller: Caller,
  { id, recipient }: SentTo,
  transfer: Transfer | undefined,
): Promise<{ readonly party: PartyId; readonly acting: Acting }> {
  const acting = transfer && (await actingForSender(reader, caller, transfer));
  if (!acting) throw refuse(e.notSent, { id });
  const party = (await partiesByNumber(reader, [recipient])).get(recipient)?.id;
  const found = (await listRecipients(reader, [id])).find(({ partyId }) => partyId === party);
  if (!found) throw refuse(e.notSent, { id });
  return { party: found.partyId, acting };
}
