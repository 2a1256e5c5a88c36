import { countPublished } from '#correspondence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import { lineErrors } from './errors.ts';
import { makerOf, ownMailing, servicesSeen } from './own-mailing.ts';
import { findProgress, type Progress } from './store/chunk.ts';
import { findMailing, listMailings, type Mailing } from './store/mailing.ts';
import { listSentLines } from './store/recipient.ts';
import { listRefusals } from './store/refusal.ts';
import type { LineErrors, MailingLetter, MailingList, MailingView, SentLines } from './wire.ts';

const pageSize = { mailings: 100, lines: 1000 } as const;

/** The sender looks how a mailing goes. Refuses mailingNotFound. */
export async function lookAtMailing(ctx: Context, caller: Caller, id: string): Promise<MailingView> {
  return showMailing(ctx.db, await ownMailing(ctx.db, caller, await findMailing(ctx.db, id)));
}

/** The sender reads what it is about to send. Refuses mailingNotFound. */
export async function readLetter(ctx: Context, caller: Caller, id: string): Promise<MailingLetter> {
  const { letter, attachments } = await ownMailing(ctx.db, caller, await findMailing(ctx.db, id));
  return {
    language: letter.content?.language ?? null,
    title: letter.content?.messageTitle ?? '',
    body: letter.content?.messageBody ?? '',
    translations: (letter.content?.translations ?? []).map(({ language, messageTitle, messageBody }) => ({
      language,
      title: messageTitle,
      body: messageBody,
    })),
    confirmNeeded: letter.isConfirmationNeeded ?? false,
    confidential: letter.isConfidential ?? false,
    dueAt: letter.dueDateTime ? new Date(letter.dueDateTime).toISOString() : null,
    attachments: attachments.length,
  };
}

/** A mailing as its sender sees it, with where it stands. */
export async function showMailing(reader: Reader, mailing: Mailing): Promise<MailingView> {
  const progress = await findProgress(reader, mailing.id);
  const { UNREACHABLE, GRANTABLE, COLD, REACHABLE, PROVEN, staged, refused, dropped, sent, firstSentAt, lastSentAt } = progress;
  const publishedLater = progress.later.length > 0 ? await countPublished(reader, progress.later) : 0;
  return {
    mailingId: mailing.id,
    state: mailing.state,
    stalledBy: mailing.stalledBy,
    resourceId: mailing.resourceId,
    sendersReference: mailing.letter.sendersReference,
    createdAt: mailing.createdAt.toISOString(),
    nextLine: mailing.received + 1,
    counts: {
      received: mailing.received,
      staged: staged - dropped,
      refused: refused + dropped,
      sent,
      published: progress.publishedAtOnce + publishedLater,
      unsent: staged - dropped - sent,
    },
    openability: { UNREACHABLE, GRANTABLE, COLD, REACHABLE, PROVEN },
    check: { askedAt: iso(mailing.checkAskedAt), done: mailing.checkAskedAt !== null && !progress.unchecked },
    release: {
      at: iso(mailing.releaseAt),
      firstSentAt: iso(firstSentAt),
      lastSentAt: iso(lastSentAt),
      messagesPerSecond: rateOf(mailing, progress),
      leaveOut: [...mailing.leaveOut],
    },
    endedAt: iso(mailing.endedAt),
  };
}

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

/** Since it was released. */
function rateOf({ releaseAt }: Mailing, { sent, lastSentAt }: Progress): number | null {
  if (!releaseAt || !lastSentAt || lastSentAt <= releaseAt) return null;
  return Math.round(sent / ((lastSentAt.getTime() - releaseAt.getTime()) / 1000));
}

/** A sender's own mailings, newest first, a page at a time; those on services that the caller may not send on are left out of it. */
export async function listOwnMailings(
  ctx: Context,
  caller: Caller,
  { after }: { readonly after?: string | undefined },
): Promise<MailingList> {
  const party = makerOf(caller);
  if (party === null) return { mailings: [], next: null };
  const found = await listMailings(ctx.db, party, after ?? null, pageSize.mailings + 1);
  const page = found.slice(0, pageSize.mailings);
  const services = await servicesSeen(
    ctx.db,
    caller,
    page.map(({ resourceId }) => resourceId),
  );
  const seen = page.filter(({ resourceId }) => services.has(resourceId));
  return {
    mailings: seen.map(({ id, state, resourceId, letter, createdAt, received }) => ({
      mailingId: id,
      state,
      resourceId,
      sendersReference: letter.sendersReference,
      createdAt: createdAt.toISOString(),
      received,
    })),
    next: found.length > page.length ? (page.at(-1)?.id ?? null) : null,
  };
}

const rows = new Map(Object.values(lineErrors).map((row) => [row.code, row]));

/** Lines that are not sent, and why, in their order, a page at a time. Refuses mailingNotFound. */
export async function listLineErrors(ctx: Context, caller: Caller, id: string, after: number): Promise<LineErrors> {
  await ownMailing(ctx.db, caller, await findMailing(ctx.db, id));
  const found = await listRefusals(ctx.db, id, after, pageSize.lines + 1);
  const page = found.slice(0, pageSize.lines);
  return {
    errors: page.map(({ line, code, field }) => ({
      line,
      code: `${rows.get(code)!.prefix}-${String(code).padStart(5, '0')}`,
      errorCode: code,
      text: rows.get(code)!.text,
      field,
    })),
    next: found.length > page.length ? (page.at(-1)?.line ?? null) : null,
  };
}

/** Lines that are sent, each with the id of its message, in their order, a page at a time. Refuses mailingNotFound. */
export async function listMessagesOfLines(ctx: Context, caller: Caller, id: string, after: number): Promise<SentLines> {
  await ownMailing(ctx.db, caller, await findMailing(ctx.db, id));
  const found = await listSentLines(ctx.db, id, after, pageSize.lines + 1);
  const page = found.slice(0, pageSize.lines);
  return { messages: page.map((each) => ({ ...each })), next: found.length > page.length ? (page.at(-1)?.line ?? null) : null };
}
