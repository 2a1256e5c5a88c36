import { budstikkeItself, type EvidenceRow, recordEvidence } from '#evidence/index.ts';
import type { Swept } from '#jobs/index.ts';
import type { Tx } from '#kernel/database.ts';
import type { HandOver, Mail } from '#notifications/index.ts';
import { letterTo } from '../send/content-hash.ts';
import { ownLetter } from '../send/mass/own-words.ts';
import { availableForRecipient } from '../states.ts';
import { listAttachmentsOf } from '../store/attachment.ts';
import { type ClaimedForwarding, claimForwarding, removeOldLinks, saveFileLinks, settleForwarding, wordsOf } from '../store/forwarding.ts';
import { findLetter } from '../store/letter.ts';
import { findMessage } from '../store/message.ts';
import { saveStatuses } from '../store/status.ts';
import type { ForwardContext } from './context.ts';
import { linkPath, linksUntil, newFileLink } from './file-links.ts';
import { writeForwardedMail } from './write-mail.ts';

/** Longer than any carrier's time-out. */
const leaseSeconds = 300;
const batch = 20;
const linksAtOnce = 1000;

/** Minutes after an attempt that came to nothing; the times at which the original asks what became of a mail. Source: compatibility.md, correspondence, §8.5. */
const waitMinutes = [1, 3, 8, 15, 240, 480, 720, 960, 2160, 2880, 4320] as const;

/** Pure. When to try again after so many attempts, this one counted; null when it is given up. */
export function nextTry(attempts: number, now: Date): Date | null {
  const minutes = waitMinutes[attempts - 1];
  return minutes === undefined ? null : new Date(now.getTime() + minutes * 60_000);
}

/**
 * Sends the letters on that are due, one after the other; `more` when there may be others. The attempt is committed before the mail
 * server hears of it, with a Message-ID that stays; the mail is written then, of the letter as it is, so that no copy of it lies
 * anywhere. A letter that is gone by then is not sent. Any number of workers may run it.
 */
export async function sendForwards(ctx: ForwardContext): Promise<Swept> {
  const mailDomain = ctx.mailFrom.slice(ctx.mailFrom.lastIndexOf('@') + 1).replace(/>$/, '');
  await ctx.db.transaction((tx) => removeOldLinks(tx, linksAtOnce));
  for (let sent = 0; sent < batch; sent++) {
    const claimed = await ctx.db.transaction((tx) => claimForwarding(tx, { leaseSeconds, mailDomain }));
    if (!claimed) return undefined;
    const mail = await ctx.db.transaction((tx) => composeMail(ctx, tx, claimed));
    await settle(ctx, claimed, mail === undefined ? 'gone' : await handOver(ctx, claimed, mail));
  }
  return 'more';
}

/** The mail with links that are new for it; undefined when the letter is not there for its recipient any more. */
async function composeMail(ctx: ForwardContext, tx: Tx, claimed: ClaimedForwarding): Promise<Mail | undefined> {
  const message = await findMessage(tx, claimed.messageId);
  if (!message || !availableForRecipient.has(message.state)) return undefined;
  const letter = letterTo(ownLetter(await findLetter(tx, message.submissionId), message.own), message.personalName);
  const at = ctx.now();
  const files = (await listAttachmentsOf(tx, message.submissionId)).filter(
    ({ state, expiresAt }) => state === 'Published' && (expiresAt === null || expiresAt > at),
  );
  const links = files.map(({ id }) => newFileLink(claimed.id, id, at));
  saveFileLinks(
    tx,
    links.map(({ row }) => row),
  );
  const { subject, body } = writeForwardedMail({
    ...letter,
    words: await wordsOf(tx, claimed),
    files: files.map(({ fileName }, i) => ({ fileName, address: `${ctx.publicUrl}${linkPath}/${links[i]!.token}` })),
    filesUntil: linksUntil(at),
  });
  return { messageId: claimed.mailId, from: ctx.mailFrom, to: claimed.address, subject, body, html: false };
}

async function handOver(ctx: ForwardContext, { id }: ClaimedForwarding, mail: Mail): Promise<HandOver> {
  try {
    return await ctx.mail.send(mail);
  } catch (error) {
    ctx.log.error({ forwarding: id, error: error instanceof Error ? error.name : 'unknown' }, 'a carrier threw');
    return { kind: 'later', answer: 'the carrier could not be asked' };
  }
}

async function settle(ctx: ForwardContext, claimed: ClaimedForwarding, result: HandOver | 'gone'): Promise<void> {
  const { id, attempts, messageId, partyId, forwardedAt } = claimed;
  const at = ctx.now();
  const dueAt = result !== 'gone' && result.kind === 'later' ? nextTry(attempts, at) : null;
  const state = result === 'gone' ? 'withdrawn' : result.kind === 'handed-over' ? 'handed-over' : dueAt ? 'due' : 'failed';
  await ctx.db.transaction(async (tx) => {
    const answer = result === 'gone' ? null : result.answer;
    if (!(await settleForwarding(tx, { id, attempts, state, dueAt, answer })) || state === 'due') return;
    const message = (await findMessage(tx, messageId))!;
    recordEvidence(tx, [evidenceOf(claimed, message.recipientId, { state, answer, at })]);
    if (state !== 'handed-over') return;
    saveStatuses(tx, [{ messageId, status: 'Forwarded', text: 'Forwarded', at: forwardedAt, party: partyId }]);
  });
  if (state === 'failed') ctx.log.error({ forwarding: id, message: messageId }, 'a letter could not be sent on, and is not tried again');
}

/** The other carrier took the letter over, or will not have it, or there was none any more to hand over. */
function evidenceOf(
  { id, messageId, address, mailId, attempts }: ClaimedForwarding,
  recipient: string,
  { state, answer, at }: { readonly state: 'handed-over' | 'failed' | 'withdrawn'; readonly answer: string | null; readonly at: Date },
): EvidenceRow {
  const relayed = state === 'handed-over';
  return {
    event: relayed ? 'RelayToNonERDS' : 'RelayToNonERDSFailure',
    about: messageId,
    recipient,
    at,
    proves: relayed ? 'relayed' : 'failed',
    core: { forwarding: id, attempt: attempts, ...(state === 'withdrawn' ? { act: 'the letter was gone' } : {}) },
    who: { ...budstikkeItself, address, ...(answer === null ? {} : { carrierAnswer: answer }), carrierMessageId: mailId },
  };
}
