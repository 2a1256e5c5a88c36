import type { Caller, Context } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import { partiesByNumber } from '#register/index.ts';
import { ageInDays, listTurns } from '#watch/index.ts';
import { ownPost } from '../own-post.ts';
import { type BoardFilter, type BoardRow, listBoard, summarizeBoard } from '../store/board.ts';
import { readPlace, writePlace } from './read-place.ts';
import type { Board, BoardItem, BoardQuery, FilterQuery, Summary } from './wire.ts';

const usualPage = 100;
const mostRecipients = 20;

/**
 * What of a sender's post is not opened: each piece with whoever should, why it is not, and what happens next. Never a title. A caller
 * that acts for nobody, or may send nowhere, sees an empty board. Refuses placeNotValid.
 */
export async function showBoard(ctx: Context, caller: Caller, query: BoardQuery): Promise<Board> {
  const now = ctx.now();
  const sort = query.sort ?? 'oldest';
  const after = query.after === undefined ? null : readPlace(query.after, sort);
  const limit = query.limit ?? usualPage;
  const [own, filter] = [await ownPost(ctx.db, caller), await readFilter(ctx.db, query)];
  const page = { sort, after, limit: limit + 1, now };
  const found = own && filter ? await listBoard(ctx.db, own, filter, page) : [];
  const rows = found.slice(0, limit);
  const turns = new Map((await listTurns(ctx.db, rows)).map(({ about, party, who }) => [`${about} ${party}`, who]));
  return {
    at: now.toISOString(),
    items: rows.map((row) => itemOf(row, now, turns.get(`${row.about} ${row.party}`))),
    next: found.length > limit ? writePlace(rows.at(-1)!, sort) : null,
  };
}

/** How much of a sender's post is not opened, by cause, age and resource, and with whom most of it lies. */
export async function showSummary(ctx: Context, caller: Caller, query: FilterQuery): Promise<Summary> {
  const now = ctx.now();
  const [own, filter] = [await ownPost(ctx.db, caller), await readFilter(ctx.db, query)];
  if (!own || !filter) return { at: now.toISOString(), total: 0, decisionAsked: 0, groups: [], recipients: [] };
  const { total, asked, groups, recipients } = await summarizeBoard(ctx.db, own, filter, { now, recipients: mostRecipients });
  return {
    at: now.toISOString(),
    total,
    decisionAsked: asked,
    groups: [...groups],
    recipients: recipients.map(({ party: _party, ...recipient }) => recipient),
  };
}

/** The filter that a query asks for; undefined when it names recipients and nobody is any of them. */
export async function readFilter(reader: Reader, query: FilterQuery): Promise<BoardFilter | undefined> {
  const known = query.recipient && [...(await partiesByNumber(reader, query.recipient)).values()];
  if (known?.length === 0) return undefined;
  return {
    causes: query.cause,
    olderThanDays: query.olderThan === undefined ? undefined : Number(/\d+/.exec(query.olderThan)![0]),
    recipients: known?.map(({ id }) => id),
    resources: query.resource,
    confidential: query.confidential,
    isAsked: query.decisionAsked,
    isFile: query.kind === undefined ? undefined : query.kind === 'file',
  };
}

/** Pure. A row as its sender reads it. */
export function itemOf(row: BoardRow, now: Date, turnsTo?: string): BoardItem {
  const since = row.publishedAt ?? row.begunAt;
  return {
    id: row.about,
    kind: row.isFile ? 'file' : 'message',
    recipient: { name: row.recipientName, number: row.recipientNumber, kind: row.recipientKind },
    resource: row.resource,
    confidential: row.confidential,
    sentAt: row.begunAt.toISOString(),
    publishedAt: row.publishedAt?.toISOString() ?? null,
    openedAt: row.openedAt?.toISOString() ?? null,
    dueAt: row.dueAt?.toISOString() ?? null,
    ageDays: ageInDays(since, now),
    cause: row.cause,
    class: row.class,
    openers: row.openers,
    grantors: row.grantors,
    nextStep: row.nextAction,
    nextStepWho: turnsTo ?? null,
    nextStepAt: row.nextActionAt.toISOString(),
    lastStep:
      row.lastStep === null
        ? null
        : { name: row.lastStep, state: row.lastStepState!, reason: row.lastStepReason, at: row.lastStepAt!.toISOString() },
    failed: row.failed,
    bytesUntil: row.keptUntil?.toISOString() ?? null,
    decisionAsked: row.asked,
    fetchedBySystemAt: row.fetchedBySystemAt?.toISOString() ?? null,
    decisions: decisionsFor(row),
  };
}

type Standing = Pick<BoardRow, 'isFile' | 'publishedAt' | 'openedAt' | 'failed' | 'cannotGoAnew' | 'isOver' | 'keptUntil'>;

/** Pure. What the sender may decide now; the same rules refuse what is not among it. */
export function decisionsFor({ isFile, publishedAt, openedAt, failed, cannotGoAnew, isOver, keptUntil }: Standing): string[] {
  const isLying = publishedAt !== null || failed;
  const ifLying = isLying ? ['read-elsewhere', 'accept-as-unread'] : [];
  if (isFile) {
    const hasBytes = publishedAt !== null && (!isOver || keptUntil !== null);
    return [...(isOver || failed ? [] : ['recall']), ...(hasBytes ? ['resend'] : []), ...ifLying];
  }
  if (openedAt) return ['accept-as-unread'];
  const hasContent = !cannotGoAnew && (!isOver || keptUntil !== null);
  return ['recall', ...(hasContent ? ['resend'] : []), ...ifLying];
}
