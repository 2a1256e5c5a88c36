import { predecessorsOf } from '#access/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { maskAddress } from '#notifications/index.ts';
import { digestSections } from '#watch/index.ts';
import { unreadErrors as e } from '../errors.ts';
import { ownSender } from '../own-post.ts';
import { kindsOf, type PostKind } from '../policies.ts';
import { listSenderMails, type SenderMail } from '../store/sender-mails.ts';
import type { MailsQuery, SenderMails } from './wire.ts';

const usualPage = 50;

const ofFiles = (section: string): boolean => section.startsWith('files-');
/** Of no kind of post: whoever may send any is shown it. */
const ofWebhooks = 'subscription-paused' as const;
const sectionsOf: Readonly<Record<PostKind, readonly string[]>> = {
  message: digestSections.filter((section) => !ofFiles(section)),
  file: digestSections.filter(ofFiles),
};

/**
 * Every mail that was to tell a sender how its post stands, or that a webhook of its is paused, with each attempt: to its own addresses, which it sees whole, and to those of who
 * hears for it. A token that may send one kind of post is shown the mails that tell of that kind, by what they tell of it, and no others.
 * What the mails say is not kept here for reading. Refuses sendersOnly.
 */
export async function listMails(ctx: Context, caller: Caller, { before, limit = usualPage }: MailsQuery): Promise<SenderMails> {
  const sender = ownSender(caller);
  if (!sender) throw refuse(e.sendersOnly);
  const gone = (await predecessorsOf(ctx.db, [caller]))[0]!.map(({ id }) => id);
  const kinds = kindsOf(caller);
  const tells = [...kinds.flatMap((kind) => sectionsOf[kind]), ofWebhooks];
  const rows = await listSenderMails(ctx.db, { sender, gone, kinds, tells, before: before ?? null, limit: limit + 1 });
  const page = rows.slice(0, limit);
  return { mails: page.map((row) => show(row, sender, tells)), next: rows.length > limit ? page.at(-1)!.id : null };
}

type Shown = SenderMails['mails'][number];

/** Pure. A mail server may repeat in its answer where a mail went. Of what it tells `shown` may be said, the gravest of it. */
function show(
  { to, toName, tells, channel, address, dueAt, changedAt, answer, attempts, ...mail }: SenderMail,
  sender: PartyId,
  shown: readonly string[],
): Shown {
  const isOwn = to === sender;
  const purpose = [...digestSections, ofWebhooks].find((section) => shown.includes(section) && tells.includes(section)) ?? 'extract';
  return {
    ...{ id: mail.id, purpose, channel, state: mail.state as Shown['state'], failure: mail.failure },
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
