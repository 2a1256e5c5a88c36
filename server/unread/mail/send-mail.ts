import type { HandOver } from '#notifications/index.ts';
import type { UnreadContext } from '../context.ts';
import { claimMail, type DueMail, saveMailResult } from '../store/mail.ts';

const mostInARound = 20;
const attemptMillis = 120_000;
/** By then a mail server has been away for three days. */
const mostAttempts = 24;
/** Whatever it was away for, mail goes on within this when it is back. */
const mostMinutesBetween = 240;

/**
 * Hands over mail to senders and to the operator: an attempt is committed before the mail server hears of it, with the Message-ID that
 * every attempt has. Each is taken when its turn comes, so that none is another worker's by then. One that breaks off is made again. What
 * the operator is to hear is never given up for a server that does not take it now. `more` when there may be others.
 */
export async function sendMail(ctx: UnreadContext): Promise<'more' | undefined> {
  for (let n = 0; n < mostInARound; n++) {
    const now = ctx.now();
    const mail = await ctx.db.transaction((tx) => claimMail(tx, now, new Date(now.getTime() + attemptMillis)));
    if (!mail) return undefined;
    await handOver(ctx, mail);
  }
  return 'more';
}

async function handOver(ctx: UnreadContext, mail: DueMail): Promise<void> {
  const domain = ctx.mailFrom.slice(ctx.mailFrom.lastIndexOf('@') + 1).replace(/>$/, '');
  const { address: to, subject, body, file } = mail;
  const answer = await ctx.mail.send({
    messageId: `<${mail.id}@${domain}>`,
    from: ctx.mailFrom,
    to,
    subject,
    body,
    html: false,
    ...(file ? { attachments: [{ fileName: file.name, mediaType: 'text/csv; charset=utf-8', text: file.text }] } : {}),
  });
  const at = ctx.now();
  const state = stateAfter(answer, mail.attempts, { isForOperator: to === ctx.alarmEmail });
  const dueAt = new Date(at.getTime() + 60_000 * Math.min(2 ** mail.attempts, mostMinutesBetween));
  await ctx.db.transaction(async (tx) =>
    saveMailResult(tx, { id: mail.id, attempt: mail.attempts, state, answer: answer.answer, dueAt, at }),
  );
  if (state === 'failed') ctx.log.error({ mail: mail.id, attempts: mail.attempts }, 'a mail to a sender or the operator was given up');
}

/** Pure. */
export function stateAfter(
  { kind }: HandOver,
  attempts: number,
  { isForOperator }: { readonly isForOperator: boolean },
): 'due' | 'handed-over' | 'failed' {
  if (kind === 'handed-over') return 'handed-over';
  return kind === 'later' && (isForOperator || attempts < mostAttempts) ? 'due' : 'failed';
}
