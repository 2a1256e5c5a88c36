import { publishEvents } from '#events/index.ts';
import { actorOf, type EvidenceRow, reasonUri, recordEvidence } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Reader, Tx } from '#kernel/database.ts';
import type { FileTransferId, PartyId } from '#kernel/ids.ts';
import { next } from '#kernel/machine.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParties, partiesByNumber } from '#register/index.ts';
import { deciderOf, findWatch, nameOfDecider, ringIfMissing, settleWatch, watchErrors, weighDecision } from '#watch/index.ts';
import { type Acting, actingForSender } from '../acting-for.ts';
import { ownTransferEvent, recipientIs, senderIs } from '../events.ts';
import { releaseShared } from '../expire/purge-transfers.ts';
import { type TransferState, transferMoves, transferTexts } from '../states.ts';
import { findRecalledParty } from '../store/expiry.ts';
import { listRecipients, type Recipient } from '../store/recipient.ts';
import { lockTransfer, saveMoves, type Transfer } from '../store/transfer.ts';
import { whatOf } from '../what.ts';
import { decideErrors as e } from './errors.ts';

export interface Recall {
  readonly id: FileTransferId;
  /** Nine digits: taken back only while this recipient has not confirmed it. */
  readonly recipient?: string;
  /** Who decides, and why. */
  readonly name: string;
  readonly reason: string;
}

/** From whom it was taken back, and who has it: organization numbers. */
export interface Recalled {
  readonly fileTransferId: FileTransferId;
  readonly fileTransferStatus: TransferState;
  readonly unfetched: string[];
  readonly fetched: string[];
  readonly confirmed: string[];
}

/**
 * The sender takes a file back: whoever has not confirmed it cannot fetch it any more, its bytes go, and an upload under way comes to
 * nothing. Recipients of what was published hear of it. The transfer is locked, as a confirmation locks it: of the two the first wins.
 * The same decision again changes nothing.
 *
 * Refuses notYours, nobodyToRecallFrom, overAlready, decidedOtherwise; where one recipient is named, notSent, alreadyEnded and watchMissing.
 */
export function recallTransfer(ctx: Context, caller: Caller, given: Recall): Promise<Recalled> {
  return ringIfMissing(ctx, () => takeBackOnce(ctx, caller, given));
}

function takeBackOnce(ctx: Context, caller: Caller, given: Recall): Promise<Recalled> {
  return ctx.db.transaction(async (tx) => {
    const recall = { ...given, name: await nameOfDecider(tx, caller, given.name), reason: given.reason.trim() };
    const transfer = await lockTransfer(tx, recall.id);
    const acting = transfer && (await actingForSender(tx, caller, transfer));
    if (!acting) throw refuse(e.notYours, { id: recall.id });
    const recipients = await listRecipients(tx, [recall.id]);
    if (await isNew(tx, transfer, recall, recipients)) await takeBack(tx, { transfer, recipients, recall, caller, acting, at: ctx.now() });
    return shownOf(tx, recall.id, recipients);
  });
}

/** False: the same was decided already; of the recipient that is named, else of the transfer. Refuses notSent, alreadyEnded, decidedOtherwise. */
async function isNew(tx: Tx, { id, state }: Transfer, recall: Recall, recipients: readonly Recipient[]): Promise<boolean> {
  if (recall.recipient !== undefined) {
    const named = (await partiesByNumber(tx, [recall.recipient])).get(recall.recipient)?.id;
    const party = recipients.find(({ partyId }) => partyId === named)?.partyId;
    if (!party) throw refuse(e.notSent);
    return (await weighDecision(tx, { about: id, party }, { ...recall, decision: 'recall' })).kind === 'new';
  }
  if (state !== 'Cancelled') return true;
  await refuseUnlessRepeat(tx, recall);
  return false;
}

/** Pure. Refuses nobodyToRecallFrom, overAlready. */
export function decideRecall(state: TransferState): TransferState {
  const moved = next(transferMoves, state, 'cancel');
  if (moved) return moved;
  throw state === 'AllConfirmedDownloaded' ? refuse(e.nobodyToRecallFrom) : refuse(e.overAlready, { state });
}

async function refuseUnlessRepeat(reader: Reader, { id, name, reason }: Recall): Promise<void> {
  const party = await findRecalledParty(reader, id);
  const decision = party && (await findWatch(reader, id, party))?.decision;
  if (decision?.name !== name || decision.reason !== reason) throw refuse(watchErrors.decidedOtherwise);
}

interface TakingBack {
  readonly transfer: Transfer;
  readonly recipients: readonly Recipient[];
  readonly recall: Recall;
  readonly caller: Caller;
  readonly acting: Acting;
  readonly at: Date;
}

/** For a transfer that the transaction has locked. Refuses nobodyToRecallFrom, overAlready. */
export async function takeBack(tx: Tx, { transfer, recipients, recall, caller, acting, at }: TakingBack): Promise<void> {
  const { id, senderId, blobKey, publishedAt } = transfer;
  const { name, reason } = recall;
  const state = decideRecall(transfer.state);
  const from = recipients.filter(({ status }) => status !== 'DownloadConfirmed').map(({ partyId }) => partyId);
  const who = { ...actorOf(caller, acting.right.path), name, reason };
  const what = whatOf(transfer);
  const recalled = {
    event: 'Recalled',
    about: id,
    at,
    proves: 'closed-by-sender',
    core: { reason: reasonUri('recalled') },
    who,
    what,
  } as const;
  const gone: EvidenceRow = { event: 'ContentPurged', about: id, at, proves: 'recorded', core: { with: 'recalled' }, who, what };
  recordEvidence(tx, [...from.map((recipient): EvidenceRow => ({ ...recalled, recipient })), ...(blobKey === null ? [] : [gone])]);
  saveMoves(tx, [{ id, state, text: transferTexts[state], at, purgeAt: null }]);
  const by = deciderOf(caller, acting.party);
  settleWatch(
    tx,
    from.map((party) => ({ about: id, party, outcome: 'recalled' as const, at, by, name, reason })),
  );
  await releaseShared(tx, [transfer]);
  const told = publishedAt === null ? [] : recipients.map(({ partyId }) => partyId);
  const parties = await findParties(tx, [senderId, ...told]);
  publishEvents(tx, [
    ownTransferEvent('recalled', transfer, senderIs(parties.get(senderId)!), at),
    ...told.map((party) => ownTransferEvent('recalled', transfer, recipientIs(parties.get(party)!), at)),
  ]);
}

async function shownOf(reader: Reader, id: FileTransferId, recipients: readonly Recipient[]): Promise<Recalled> {
  const parties = await findParties(
    reader,
    recipients.map(({ partyId }) => partyId),
  );
  const numbersOf = (status: Recipient['status']) =>
    recipients.filter((one) => one.status === status).map(({ partyId }: { partyId: PartyId }) => parties.get(partyId)?.number ?? '');
  return {
    fileTransferId: id,
    fileTransferStatus: 'Cancelled',
    unfetched: numbersOf('Initialized'),
    fetched: numbersOf('DownloadStarted'),
    confirmed: numbersOf('DownloadConfirmed'),
  };
}
