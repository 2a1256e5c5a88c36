import { predecessorsOf } from '#access/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { maskAddress } from '#notifications/index.ts';
import { unreadErrors as e } from '../errors.ts';
import { ownSender } from '../own-post.ts';
import { listSenderMails, type SenderMail } from '../store/sender-mails.ts';
import type { MailsQuery, SenderMails } from './wire.ts';

const usualPage = 50;

/**
 * Every mail that was to tell a sender how its post stands, with each attempt: to its own addresses, which it sees whole, and to those of who
 * hears for it. What the mails say is not kept here for reading. Refuses sendersOnly.
 */
export async function listMails(ctx: Context, caller: Caller, { before, limit = usualPage }: MailsQuery): Promise<SenderMails> {
  const sender = ownSender(caller);
  if (!sender) throw refuse(e.sendersOnly);
  const gone = (await predecessorsOf(ctx.db, [caller]))[0]!.map(({ id }) => id);
  const rows = await listSenderMails(ctx.db, { sender, gone, before: before ?? null, limit: limit + 1 });
  const page = rows.slice(0, limit);
  return { mails: page.map((row) => show(row, sender)), next: rows.length > limit ? page.at(-1)!.id : null };
}

type Shown = SenderMails['mails'][number];

/** Pure. A mail server may repeat in its answer where a mail went. */
function show({ to, toName, channel, address, dueAt, changedAt, answer, attempts, ...mail }: SenderMail, sender: PartyId): Shown {
  const isOwn = to === sender;
  return {
    ...{ id: mail.id, purpose: mail.purpose as Shown['purpose'], channel, state: mail.state as Shown['state'], failure: mail.failure },
    address: isOwn ? address : maskAddress(channel, address),
    toOther: isOwn ? null : (toName ?? ''),
    dueAt: dueAt?.toISOString() ?? null,
    changedAt: changedAt.toISOString(),
    answer: isOwn ? answer : null,
    tries: mail.tries,
    attempts: attempts.map((attempt) => ({
      at: new Date(attempt.at).toISOString(),
      outcome: attempt.outcome as Shown['attempts'][number]['outcome'],
      reason: attempt.reason,
      answer: isOwn ? attempt.answer : null,
    })),
  };
}
