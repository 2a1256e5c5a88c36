import { holdMessages, recallMessages } from '#correspondence/index.ts';
import { type Answer, busy, isFirst, joinCallers } from '#db/index.ts';
import { actorOf, recordedOf } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { type CorrespondenceId, newId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import {
  deciderOf,
  lockUnlessHeld,
  ringIfMissing,
  type SenderDecision,
  settleByDecisions,
  watchKey,
  weighDecisions,
} from '#watch/index.ts';
import { deskErrors } from './errors.ts';
import { maybeSentMessages } from './find-sent-message.ts';

interface Deciding {
  readonly ctx: Pick<Context, 'now'>;
  readonly caller: Caller;
  readonly id: CorrespondenceId;
  readonly decision: SenderDecision;
  readonly evidenceId: string;
}

/**
 * The sender decides what becomes of a message that nobody has opened: it is taken back, or stays where it is and will not be
 * asked about again, as it may also be where it was opened and its watch goes on. Who decided and why is evidence. The message is locked
 * before its watch, as an opening locks them: of the two the first wins, and the other is told. Deciding the same again changes nothing.
 *
 * Refuses messageNotFound, alreadyOpened, alreadyEnded, decidedOtherwise, notPublished, watchMissing.
 */
export async function decideMessage(ctx: Context, caller: Caller, id: CorrespondenceId, wish: SenderDecision): Promise<void> {
  const decision: SenderDecision = { ...wish, name: wish.name.trim(), reason: wish.reason.trim() };
  await ringIfMissing(ctx, () => decide(ctx.db, { ctx, caller, id, decision, evidenceId: newId() }));
}

/** Those that are decided about at the same time share a transaction. */
const decide = joinCallers<Deciding, Deciding>({
  run: decideTogether,
  findWritten: recordedOf,
});

async function decideTogether(tx: Tx, asked: readonly Deciding[], waits: boolean): Promise<(Answer<Deciding> | typeof busy)[]> {
  tx.keepPlans();
  const sent = await maybeSentMessages(tx, asked);
  const ours = asked.flatMap((deciding, i) => (sent[i] && isFirst(asked, i) ? [{ deciding, ...sent[i] }] : []));
  const { messages, isLeft } = await holdMessages(
    tx,
    ours.map(({ deciding }) => deciding.id),
    { waits },
  );
  const keyOf = ({ message }: (typeof ours)[number]) => ({ about: message.id, party: message.recipientId });
  const elsewhere = waits
    ? new Set<string>()
    : await lockUnlessHeld(tx, ours.filter(({ deciding: { id } }) => messages.has(id)).map(keyOf));
  const held = ours.flatMap((each) => {
    const message = messages.get(each.deciding.id);
    return message && !elsewhere.has(watchKey(keyOf(each))) ? [{ ...each, held: message }] : [];
  });
  const weighed = await weighDecisions(
    tx,
    held.map((each) => ({ key: keyOf(each), wish: each.deciding.decision, openingSince: each.held.message.openedAt })),
  );
  const at = asked[0]!.ctx.now();
  const answers = new Map(held.map(({ deciding }, i) => [deciding, weighed[i]!]));
  const decided = held.flatMap(({ deciding, message, right, held }) => {
    const answer = answers.get(deciding)!;
    if (!('value' in answer) || answer.value.kind === 'repeat') return [];
    const { caller, decision, evidenceId } = deciding;
    const by = deciderOf(caller, message.ownerId);
    return [{ ...decision, held, caller, right, by, evidenceId, watch: answer.value.watch, actor: actorOf(caller, right.path) }];
  });
  await recallMessages(
    tx,
    decided.filter(({ decision }) => decision === 'recall'),
    at,
  );
  await settleByDecisions(tx, decided, at);
  return asked.map((deciding, i) => {
    const answer = answers.get(deciding);
    if (answer) return 'value' in answer ? { value: deciding } : answer;
    const isLater = sent[i] !== undefined && (!isFirst(asked, i) || isLeft(deciding.id) || messages.has(deciding.id));
    return isLater ? busy : { refusal: refuse(deskErrors.messageNotFound, { id: deciding.id }) };
  });
}
