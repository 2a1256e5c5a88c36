import {
  gatherMassLetter,
  type MassAddressee,
  type MassLetter,
  type MassMessage,
  reachOfMany,
  refusalOf,
  writeMass,
} from '#correspondence/index.ts';
import { isConnectionLoss } from '#db/index.ts';
import type { Swept } from '#jobs/index.ts';
import type { Tx } from '#kernel/database.ts';
import { describeFault } from '#kernel/fault.ts';
import { newId } from '#kernel/ids.ts';
import { Refusal } from '#kernel/refusal.ts';
import { findParties } from '#register/index.ts';
import type { MailingContext } from './context.ts';
import { type LineError, lineErrors } from './errors.ts';
import { fromStoredCaller, massRequestOf } from './own-mailing.ts';
import { errorOf, policiesOf } from './stage-lines.ts';
import { type Chunk, claimChunks, saveFailed, saveSent } from './store/chunk.ts';
import { findMailing, finishMailings, lockMailing, type Mailing, saveMailingChange } from './store/mailing.ts';
import { type FoundRecipient, listStaged, removeRecipients } from './store/recipient.ts';
import { saveRefusals } from './store/refusal.ts';

/** What one transaction writes: as many messages, of as many chunks that were taken in small. */
export interface SendingBatch {
  readonly messages: number;
  readonly chunks: number;
}
const sendingBatch: SendingBatch = { messages: 2000, chunks: 50 };

/** Transactions at a time in one process, and one after the other before the process is asked whether it should end. */
const lanes = 2;
const batchesPerLane = 10;

/** How old openability may be and still be written as it stands, where nothing has changed since. */
const freshMillis = 24 * 60 * 60 * 1000;
const retryMillis = 30_000;
const mostFailures = 5;

/**
 * Sends what was released: lines that were taken together become messages together, and are marked as sent in the transaction that
 * writes them, so that nothing is sent twice or lost whenever a worker dies. Any number of workers may run it; what another has
 * under way is left to it. A mailing that cannot be sent is paused and says why.
 */
export async function sendReleased(ctx: MailingContext): Promise<Swept> {
  const sent = await Promise.all(Array.from({ length: lanes }, () => sendInLane(ctx)));
  await ctx.db.transaction((tx) => finishMailings(tx, ctx.now()));
  return sent.some((n) => n > 0) ? 'more' : undefined;
}

/** Batch after batch, without waiting for the other lanes; how many. */
async function sendInLane(ctx: MailingContext): Promise<number> {
  let sent = 0;
  while (sent < batchesPerLane && (await sendBatch(ctx)) > 0) sent += 1;
  return sent;
}

/** One transaction's worth; how many chunks it was. */
export async function sendBatch(ctx: MailingContext, most: SendingBatch = sendingBatch): Promise<number> {
  let claimed: readonly Chunk[] = [];
  try {
    return await ctx.db.transaction(async (tx) => {
      claimed = await claimBatch(tx, most);
      const [first] = claimed;
      // Read after the claim: whoever paused or cancelled it waits for claims that came before.
      const mailing = first && (await findMailing(tx, first.mailingId));
      if (mailing?.state !== 'Released') return 0;
      await sendChunks(tx, ctx, mailing, claimed);
      return claimed.length;
    });
  } catch (error) {
    await noteFailure(ctx, claimed, error);
    return 0;
  }
}

/** The first chunk that is free; and where that is small, others of its mailing. No more than are sent: others would wait for the rest. */
async function claimBatch(tx: Tx, { messages, chunks }: SendingBatch): Promise<Chunk[]> {
  const [first] = await claimChunks(tx, { after: null, limit: 1 });
  if (!first) return [];
  const others = Math.min(chunks - 1, Math.floor(messages / first.staged) - 1);
  if (others <= 0) return [first];
  return [first, ...(await claimChunks(tx, { after: first, limit: others }))];
}

async function sendChunks(tx: Tx, ctx: MailingContext, mailing: Mailing, chunks: readonly Chunk[]): Promise<void> {
  const now = ctx.now();
  const caller = fromStoredCaller(mailing.releasedBy!);
  const [letter, staged] = await Promise.all([
    gatherMassLetter(tx, massRequestOf(mailing, caller, now, ctx.minimumAttachmentDays)),
    listStaged(tx, chunks),
  ]);
  const { messages, dropped } = leaveOut(mailing, await decideMessages(tx, letter, chunks, staged, now));

  const submission = newId();
  const written = messages.length > 0 ? writeMass(tx, letter, submission, messages, now) : { publishAt: null };
  removeRecipients(
    tx,
    mailing.id,
    dropped.map(({ line }) => line),
  );
  saveRefusals(
    tx,
    mailing.id,
    dropped.map(({ line, error }) => ({ line, code: lineErrors[error].code, field: 'recipient' })),
  );
  const marks = chunks.map(({ mailingId, firstLine, lastLine, staged: count }) => {
    const lost = dropped.filter(({ line }) => line >= firstLine && line <= lastLine).length;
    return { mailingId, firstLine, sent: count - lost, dropped: lost };
  });
  saveSent(tx, marks, { submission, publishAt: written.publishAt, at: now });
}

interface Decided {
  readonly messages: readonly (MassMessage & { readonly line: number })[];
  readonly dropped: readonly { readonly line: number; readonly error: LineError }[];
}

/** Pure. Those whom the sender chose not to send it to, as things stand now. */
function leaveOut({ leaveOut: classes }: Pick<Mailing, 'leaveOut'>, { messages, dropped }: Decided): Decided {
  const isLeftOut = ({ openability }: MassMessage): boolean => classes.some((each) => each === openability.class);
  return {
    messages: messages.filter((each) => !isLeftOut(each)),
    dropped: [...dropped, ...messages.filter(isLeftOut).map(({ line }) => ({ line, error: 'leftOut' as const }))],
  };
}

/** Openability is asked again where access or a policy has changed since, or it has grown old; what has become of a recipient counts. */
async function decideMessages(
  tx: Tx,
  letter: MassLetter,
  chunks: readonly Chunk[],
  staged: readonly FoundRecipient[],
  now: Date,
): Promise<Decided> {
  const parties = await findParties(
    tx,
    staged.map(({ partyId }) => partyId),
  );
  const addressees = staged.map(({ partyId, messageId }): MassAddressee => ({ id: messageId, party: parties.get(partyId)! }));
  const policies = JSON.stringify(Object.entries(policiesOf(letter)).sort());
  const isStale = chunks.some(
    (chunk) =>
      now.getTime() - chunk.checkedAt.getTime() > freshMillis || JSON.stringify(Object.entries(chunk.policies).sort()) !== policies,
  );
  const stale = staged.flatMap(({ currentVersion, openability }, i) =>
    isStale || currentVersion !== openability.accessVersion ? [i] : [],
  );
  const renewed =
    stale.length > 0
      ? await reachOfMany(
          tx,
          letter,
          stale.map((i) => addressees[i]!),
        )
      : [];
  const reachOf = new Map(stale.map((i, n) => [i, renewed[n]!]));

  const messages: Decided['messages'][number][] = [];
  const dropped: Decided['dropped'][number][] = [];
  staged.forEach(({ line, own, openability }, i) => {
    const addressee = addressees[i]!;
    const refused = refusalOf(letter, addressee.party);
    const reach = refused ? { refused } : (reachOf.get(i) ?? { openability });
    if ('refused' in reach) dropped.push({ line, error: errorOf(reach.refused) });
    else messages.push({ ...addressee, line, own, openability: reach.openability });
  });
  return { messages, dropped };
}

/** What fails is tried again later, and after some times, or when the letter may not be sent any more, the mailing waits for its sender. */
async function noteFailure(ctx: MailingContext, chunks: readonly Chunk[], error: unknown): Promise<void> {
  const [first] = chunks;
  if (!first || isConnectionLoss(error)) throw error;
  const reason = error instanceof Refusal ? error.message : undefined;
  const failures = reason
    ? mostFailures
    : await ctx.db.transaction((tx) => saveFailed(tx, chunks, new Date(ctx.now().getTime() + retryMillis)));
  ctx.log.error(
    { mailing: first.mailingId, firstLine: first.firstLine, failures, ...describeFault(error) },
    'lines of a mailing could not be sent',
  );
  if (failures < mostFailures) return;
  await ctx.db.transaction(async (tx) => {
    const mailing = await lockMailing(tx, first.mailingId);
    if (mailing?.state === 'Released') saveMailingChange(tx, mailing.id, { state: 'Paused', stalledBy: reason ?? 'fault' });
  });
}
