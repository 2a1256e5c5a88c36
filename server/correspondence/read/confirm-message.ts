import { type Answer, alone, answered, busy, isFirst, joinCallers } from '#db/index.ts';
import { publishEvents } from '#events/index.ts';
import { actorOf, type EvidenceRow, reasonUri, recordEvidence, recordedOf } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { type CorrespondenceId, newId, type PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParties } from '#register/index.ts';
import { despiteWatch, lockUnlessHeld, type Noting, notingAtOnce, watchKey } from '#watch/index.ts';
import { correspondenceErrors as e } from '../errors.ts';
import { correspondenceEvent } from '../events.ts';
import { movedMessage } from '../states.ts';
import { lockMessages, saveMoves } from '../store/message.ts';
import { saveStatuses } from '../store/status.ts';
import { decideConfirmation } from './decide.ts';
import { factsOf } from './message-facts.ts';
import { type Act, lookOf } from './record-fetched.ts';
import { mayAsRecipientEach, requireParty } from './standing.ts';

interface Confirming {
  readonly ctx: Pick<Context, 'now'>;
  readonly caller: Caller;
  readonly id: CorrespondenceId;
  readonly evidenceId: string;
}

/** A confirmation that is decided, and by whom. */
interface Confirmed extends Act {
  readonly party: PartyId;
  readonly evidenceId: string;
}

/**
 * A recipient confirms that it has the message. The watch ends with it, but for a confirmation by the resource's owner, which
 * only clients see. Of two at once one is refused; the message is locked. A watch that cannot take it up hinders nobody.
 * Refuses correspondenceNotFound, noAccess, confirmBeforeFetched, alreadyConfirmed, callerUnknown, callerPartyNotFound.
 * Source: compatibility.md, correspondence, §4.6.
 */
export async function confirmMessage(ctx: Context, caller: Caller, id: CorrespondenceId): Promise<CorrespondenceId> {
  const confirming: Confirming = { ctx, caller, id, evidenceId: newId() };
  const byItself = (tx: Tx, noting: Noting) => alone(confirmMessages(tx, [confirming], { waits: true, noting }));
  await despiteWatch(ctx, byItself, () => confirmTogether(ctx.db, confirming));
  return id;
}

/** Those who come at the same time share a transaction. */
const confirmTogether = joinCallers<Confirming, Confirmed>({
  run: (tx, asked, waits) => confirmMessages(tx, asked, { waits, noting: notingAtOnce }),
  findWritten: recordedOf,
});

async function confirmMessages(
  tx: Tx,
  asked: readonly Confirming[],
  { waits, noting }: { readonly waits: boolean; readonly noting: Noting },
): Promise<(Answer<Confirmed> | typeof busy)[]> {
  tx.keepPlans();
  const { messages, isHeld } = await lockMessages(
    tx,
    asked.map(({ id }) => id),
    { waits },
  );
  const ours = asked.filter(({ id }, i) => !isHeld(id) && isFirst(asked, i));
  const known = ours.filter(({ id }) => messages.has(id));
  const rights = await mayAsRecipientEach(
    tx,
    known.map(({ caller, id }) => ({ caller, message: messages.get(id)! })),
  );
  const at = asked[0]!.ctx.now();
  const decided = new Map(
    ours.map((confirming) => {
      const { id, caller, evidenceId } = confirming;
      const act = () => ({ message: messages.get(id)!, caller, right: rights[known.indexOf(confirming)]!, at, evidenceId });
      return [confirming, answered(() => (messages.has(id) ? decide(act()) : throwNotFound(id)))];
    }),
  );
  const all = [...decided.values()].flatMap((answer) => ('value' in answer ? [answer.value] : []));
  const keyOf = ({ message }: Confirmed) => ({ about: message.id, party: message.recipientId });
  const held = waits ? new Set<string>() : await lockUnlessHeld(tx, all.map(keyOf));
  const isHeldByOthers = (act: Confirmed) => held.has(watchKey(keyOf(act)));
  await record(
    tx,
    all.filter((act) => !isHeldByOthers(act)),
    noting,
  );
  return asked.map((confirming) => {
    const answer = decided.get(confirming);
    return !answer || ('value' in answer && isHeldByOthers(answer.value)) ? busy : answer;
  });
}

function throwNotFound(id: CorrespondenceId): never {
  throw refuse(e.correspondenceNotFound, { id });
}

/** Pure. */
function decide(act: Omit<Confirmed, 'party'>): Confirmed {
  const { message, caller, right } = act;
  if (!right.permit) throw refuse(e.noAccess, { id: message.id });
  decideConfirmation(factsOf(message));
  return { ...act, party: requireParty(caller) };
}

async function record(tx: Tx, acts: readonly Confirmed[], noting: Noting): Promise<void> {
  if (acts.length === 0) return;
  const owners = await findParties(tx, [...new Set(acts.map(({ message }) => message.ownerId))]);
  recordEvidence(
    tx,
    acts.map((act) => ({
      ...(act.right.by === 'right' ? acceptanceOf(act) : lookOf(act, { act: 'confirmed by the sender' })),
      id: act.evidenceId,
    })),
  );
  saveStatuses(
    tx,
    acts.map(({ message: { id }, at, party }) => ({ messageId: id, status: 'Confirmed', text: 'Confirmed', at, party })),
  );
  saveMoves(
    tx,
    acts.map(({ message: { id, state }, at }) => ({ id, state: movedMessage(state, 'confirm'), confirmedAt: at })),
  );
  publishEvents(
    tx,
    acts.map(({ message, at }) => correspondenceEvent('correspondencereceiverconfirmed', message, owners.get(message.ownerId)!, at)),
  );
  await noting.confirmed(
    tx,
    acts.flatMap(({ message: { id, recipientId }, right, at, party }) =>
      right.by === 'right' ? [{ about: id, party: recipientId, at, by: party }] : [],
    ),
  );
}

/** Where the content was handed out before, this is no acceptance in the sense of consent, and the reason says so. */
function acceptanceOf({ message, caller, right, at }: Act): EvidenceRow {
  return {
    event: 'ConsignmentAcceptance',
    about: message.id,
    recipient: message.recipientId,
    at,
    proves: 'confirmed',
    core: { mode: 'basic', ...(message.openedAt ? { reason: reasonUri('confirmed-after-opening') } : {}) },
    who: actorOf(caller, right.path),
  };
}
