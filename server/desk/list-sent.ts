import { listSentMessages, type SentTitled, sendersLookedAfterBy } from '#correspondence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { partiesByNumber } from '#register/index.ts';
import { deskErrors } from './errors.ts';
import { findSentMessage } from './find-sent-message.ts';
import { othersToSendOn, servicesToSendOn } from './list-services.ts';
import { listStandings, type Standing } from './store.ts';
import type { SentItem, SentPage, SentQuery } from './wire.ts';

const usualPage = 50;

/**
 * What was sent on a sender's own services, and what it has sent itself on those of others, latest first, with where each message stands. A number is looked for as the recipient's,
 * other words in the recipient's name, the reference and the title; a page may be empty and not the last. The title of what is
 * confidential is neither shown nor searched. A caller that may send nowhere sees nothing.
 */
export async function listSentPage(ctx: Context, caller: Caller, query: SentQuery): Promise<SentPage> {
  const { db } = ctx;
  const owner = caller.party;
  const text = query.q?.trim() || null;
  const number = text !== null && /^(\d{9}|\d{11})$/.test(text.replaceAll(' ', '')) ? text.replaceAll(' ', '') : null;
  const recipient = number === null ? null : (await partiesByNumber(db, [number])).get(number)?.id;
  if (owner === null || recipient === undefined) return { items: [], next: null };
  const isAsked = (id: string): boolean => query.resource === undefined || id === query.resource;
  const resources = (await servicesToSendOn(db, caller, owner)).filter(isAsked);
  const others = (await othersToSendOn(db, caller, owner)).filter(isAsked);
  if (resources.length + others.length === 0) return { items: [], next: null };
  const [senders] = others.length > 0 ? await sendersLookedAfterBy(db, [{ caller, owner: null }]) : [];
  const forAnother = senders ? { senders, resources: others } : null;
  const limit = query.limit ?? usualPage;
  const after = (query.after as CorrespondenceId | undefined) ?? null;
  const wanted = {
    owner,
    resources,
    forAnother,
    recipient,
    text: number === null ? text : null,
    narrow: narrowOf(query),
    after,
    limit: limit + 1,
  };
  const { messages, lookedTo } = await listSentMessages(db, wanted);
  const page = messages.slice(0, limit);
  return { items: await withStandings(db, page), next: messages.length > limit ? page.at(-1)!.id : lookedTo };
}

/** One message as it stands in the list, for whoever may follow it. Refuses messageNotFound. */
export async function showSent({ db }: Context, caller: Caller, id: CorrespondenceId): Promise<SentItem> {
  const { message } = await findSentMessage(db, caller, id);
  const { ownerId: owner, resourceId } = message;
  const wanted = { owner, resources: [resourceId], recipient: null, text: null, narrow: { ids: [id] }, after: null, limit: 1 };
  const [item] = await withStandings(db, (await listSentMessages(db, wanted)).messages);
  if (!item) throw refuse(deskErrors.messageNotFound, { id });
  return item;
}

function narrowOf({ id, standing, confidential, from, before }: SentQuery) {
  const at = (text: string | undefined) => (text === undefined ? undefined : new Date(text));
  return { ids: id, standing, confidential, from: at(from), before: at(before) };
}

async function withStandings(db: Reader, messages: readonly SentTitled[]): Promise<SentItem[]> {
  const standings = await listStandings(
    db,
    messages.map(({ id }) => id),
  );
  return messages.map((message) => itemOf(message, standings.get(message.id)));
}

function itemOf(message: SentTitled, standing: Standing | undefined): SentItem {
  const text = (at: Date | null | undefined) => at?.toISOString() ?? null;
  return {
    id: message.id,
    title: message.title,
    recipient: { name: message.recipientName, kind: message.recipientKind },
    resource: message.resource,
    sendersReference: message.sendersReference,
    status: message.state,
    confidential: message.confidential,
    confirmNeeded: message.confirmNeeded,
    publishAt: message.requestedPublishAt.toISOString(),
    publishedAt: text(message.publishedAt),
    openedAt: text(standing?.openedAt ?? message.openedAt),
    confirmedAt: text(message.confirmedAt),
    dueAt: text(message.dueAt),
    cause: standing?.cause ?? null,
    outcome: standing?.outcome ?? null,
    settledAt: text(standing?.settledAt),
    nextStepAt: text(standing?.nextStepAt),
  };
}
