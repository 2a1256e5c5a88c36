import { recordOpening } from '#access/index.ts';
import { publishEvents } from '#events/index.ts';
import { actorOf, type EvidenceRow, recordEvidence } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParty } from '#register/index.ts';
import { despiteWatch, type Noting } from '#watch/index.ts';
import { correspondenceErrors as e } from '../errors.ts';
import { correspondenceEvent } from '../events.ts';
import { whatOf } from '../send/content-hash.ts';
import { contentHashOf } from '../send/content-of.ts';
import { ownLetter } from '../send/mass/own-words.ts';
import { publishIfDue } from '../send/publish-due.ts';
import { availableForRecipient, type MessageStatus, movedMessage } from '../states.ts';
import { findLetter, type StoredLetter } from '../store/letter.ts';
import { lockMessage, type Message, saveMoves } from '../store/message.ts';
import { saveStatuses, wasFetchedSince } from '../store/status.ts';
import { decideOpening, decideView } from './decide.ts';
import { fetchedAgainMillis } from './look-at-message.ts';
import { factsOf } from './message-facts.ts';
import { type Act, lookOf } from './record-fetched.ts';
import { bodyTo, translationsTo } from './show-content.ts';
import { actingParty, rightsTo } from './standing.ts';
import type { ShownTranslations } from './wire.ts';

/**
 * Hands the body to a reader. This, by a right of the reader's own, is what opening means: the watch hears of it, and evidence
 * names who it was and by which right. The resource's owner leaves the same trace for clients and opens nothing.
 * A watch that cannot take it up hinders no reader.
 *
 * Refuses correspondenceNotFound, noAccess. The message is locked; opening again adds evidence and nothing else.
 * Source: compatibility.md, correspondence, §4.5.
 */
export function openMessage(ctx: Context, caller: Caller, id: CorrespondenceId): Promise<string> {
  return open(ctx, caller, { id, toSender: false, show: bodyTo });
}

/** Hands out the letter in each of its languages: the same opening. Its sender sees them until it is published, as it sees the content. */
export function openTranslations(ctx: Context, caller: Caller, id: CorrespondenceId): Promise<ShownTranslations> {
  return open(ctx, caller, { id, toSender: true, show: translationsTo });
}

interface Opening<T> {
  readonly id: CorrespondenceId;
  /** Whether it is shown to its sender before it is published. */
  readonly toSender: boolean;
  readonly show: (letter: StoredLetter, name: string | null) => T;
}

function open<T>(ctx: Context, caller: Caller, { id, toSender, show }: Opening<T>): Promise<T> {
  return despiteWatch(ctx, async (tx, noting) => {
    tx.keepPlans();
    const locked = await lockMessage(tx, id);
    if (!locked) throw refuse(e.correspondenceNotFound, { id });
    const standing = await rightsTo(tx, caller, locked);
    const { asRecipient, asSender } = standing;
    const words = async (name: string | null) => show(ownLetter(await findLetter(tx, locked.submissionId), locked.own), name);
    if (!asRecipient.permit) {
      if (toSender && asSender.permit && decideView(factsOf(locked), standing, false).showsContent)
        return words(await nameToSender(tx, locked));
      throw refuse(e.noAccess, { id });
    }
    const at = ctx.now();
    const message = await publishIfDue(tx, locked, at);
    const { leavesTrace } = decideOpening(factsOf(message), standing);

    const act: Act = { message, caller, right: asRecipient, at };
    const opens = asRecipient.by === 'right' && availableForRecipient.has(message.state);
    if (opens) await recordOpened(tx, act, noting);
    else recordEvidence(tx, [{ ...lookOf(act), event: 'SenderViewed' }]);
    const opening = opens ? { openedAt: at } : {};
    if (leavesTrace) await leaveTrace(tx, act, opening);
    else if (opens) saveMoves(tx, [{ id, state: message.state, ...opening }]);
    return words(message.personalName);
  });
}

/** Nobody is told by an operation of ours what a person is called before the letter has come to it. */
async function nameToSender(tx: Tx, { recipientId, personalName }: Message): Promise<string | null> {
  return (await findParty(tx, recipientId))?.kind === 'person' ? null : personalName;
}

async function recordOpened(tx: Tx, act: Act, noting: Noting): Promise<void> {
  const { message, caller, at } = act;
  recordEvidence(tx, [await accessOf(tx, act)]);
  recordOpening(tx, [{ party: message.recipientId, resource: message.resourceId, at }]);
  const kind = caller.kind === 'person' ? 'person' : 'system';
  await noting.opened(tx, [{ about: message.id, party: message.recipientId, at, by: actingParty(caller), kind }]);
}

async function accessOf(tx: Tx, { message, caller, right, at }: Act): Promise<EvidenceRow> {
  const hashes = await contentHashOf(tx, [message]);
  return {
    event: 'ContentAccessTracking',
    about: message.id,
    recipient: message.recipientId,
    at,
    proves: 'opened',
    who: actorOf(caller, right.path),
    what: whatOf(hashes.get(message.id)!, []),
  };
}

/** Fetched, and Read the first time: what clients see of it; with the opening, where it was one. */
async function leaveTrace(tx: Tx, { message, caller, at }: Act, opening: { readonly openedAt?: Date }): Promise<void> {
  const party = actingParty(caller);
  const first = message.readAt === null;
  const again = await wasFetchedSince(tx, message.id, party, new Date(at.getTime() - fetchedAgainMillis));
  const statuses: MessageStatus[] = [...(again ? [] : (['Fetched'] as const)), ...(first ? (['Read'] as const) : [])];
  const state = movedMessage(message.state, first ? 'read' : 'fetch');
  saveStatuses(
    tx,
    statuses.map((status) => ({ messageId: message.id, status, text: status, at, party })),
  );
  saveMoves(tx, [{ id: message.id, state, fetchedAt: at, readAt: at, ...opening }]);
  if (!first) return;
  const owner = (await findParty(tx, message.ownerId))!;
  publishEvents(tx, [correspondenceEvent('correspondencereceiverread', message, owner, at)]);
}
