import type { Context } from '#kernel/context.ts';
import { refuse } from '#kernel/refusal.ts';
import { tokenAt } from '../delegation/views.ts';
import { listBySubjects, listChangedSubjects } from '../store/resource-subjects.ts';
import { registryErrors as e } from './errors.ts';
import { hidden } from './flatten-policy.ts';
import { listChangedResources } from './store.ts';
import type { ChangesQuery, UpdatedQuery } from './wire.ts';

const base = '/resourceregistry/api/v1/resource';
const urnOf = (id: string) => `urn:altinn:resource:${id}`;
const pairsOnPage = 1000;

/** A subject's URN in its parts: the value follows the last colon but one that belongs to it. */
function parts(urn: string): { type: string; value: string; urn: string } {
  const at = urn.lastIndexOf(':');
  return { type: urn.slice(0, at), value: urn.slice(at + 1), urn };
}

/**
 * Which resources permit something to each of these subjects; those that have none are left out, and so are persons: that a policy
 * names somebody is that person's matter. A page at a time, which goes on by the same body: a subject of very many resources stands on
 * several. Refuses tokenUnreadable. Source: compatibility.md, platform, §2.8.
 */
export async function findBySubjects(ctx: Context, urns: readonly string[], token: string | undefined) {
  const [subject, resource] = token === undefined ? [] : readPlace(token, 2);
  const after = subject === undefined ? null : { subject, resource: resource! };
  const asked = [...new Set(urns.map((urn) => urn.toLowerCase()))].filter((urn) => !/:\d{11}$/.test(urn));
  const found = await listBySubjects(ctx.db, asked, { after, limit: pairsOnPage + 1 });
  const rows = found.slice(0, pairsOnPage);
  const last = found.length > pairsOnPage ? rows.at(-1)! : null;
  const bySubject = Map.groupBy(rows, ({ subject }) => subject);
  const data = [...bySubject].map(([urn, own]) => ({
    subject: parts(urn),
    resources: own.map(({ resource }) => ({ type: 'urn:altinn:resource', value: resource, urn: urnOf(resource) })),
  }));
  return { links: { next: last && `${base}/bysubjects?token=${tokenAt([last.subject, last.resource])}` }, data };
}

/**
 * Which subjects got or lost something on which resource, in the order in which it came to be, from a time or from where the
 * reader was. Nothing is passed by: what a transaction that still runs has changed comes when it has ended.
 * Refuses tokenUnreadable.
 */
export async function listUpdated(ctx: Context, { since, token, limit = 1000 }: UpdatedQuery) {
  const [touched, resource, subject] = token === undefined ? [] : readToken(token, 3);
  const after = touched === undefined ? null : { touched, resource: resource!, subject: subject! };
  const rows = await listChangedSubjects(ctx.db, { after, since: since ? new Date(since) : null, limit });
  const last = rows.at(-1);
  const time = since ? `&since=${encodeURIComponent(since)}` : '';
  return {
    links: { next: last && rows.length === limit ? nextOf('updated', [last.touched, last.resource, last.subject], limit, time) : null },
    data: rows.map(({ resource: id, subject: urn, updatedAt, gone }) => ({
      resourceUrn: urnOf(id),
      subjectUrn: hidden(urn),
      updatedAt: updatedAt.toISOString(),
      deleted: gone,
    })),
  };
}

/** Which resources were made, changed or deleted, in that order. Refuses tokenUnreadable. */
export async function listChanges(ctx: Context, { token, limit = 1000 }: ChangesQuery) {
  const [touched, resource] = token === undefined ? [] : readToken(token, 2);
  const rows = await listChangedResources(ctx.db, touched === undefined ? null : { touched, resource: resource! }, limit);
  const last = rows.at(-1);
  return {
    links: { next: last && rows.length === limit ? nextOf('changes', [last.touched, last.id], limit, '') : null },
    data: rows.map(({ id, versionId, policyVersion, updatedAt, deleted }) => ({
      resourceUrn: urnOf(id),
      identifier: id,
      versionId,
      policyVersion,
      updatedAt: updatedAt.toISOString(),
      deleted,
    })),
  };
}

function nextOf(feed: string, place: readonly string[], limit: number, more: string): string {
  return `${base}/${feed}?token=${tokenAt(place)}&limit=${limit}${more}`;
}

/** A place in a feed: it begins with the number of a transaction. Refuses tokenUnreadable. */
function readToken(token: string, length: number): string[] {
  const place = readPlace(token, length);
  if (!/^\d{1,19}$/.test(place[0]!)) throw refuse(e.tokenUnreadable);
  return place;
}

/** Refuses tokenUnreadable. */
function readPlace(token: string, length: number): string[] {
  try {
    const place: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
    if (
      Array.isArray(place) &&
      place.length === length &&
      place.every((each) => typeof each === 'string' && each.length <= 2000 && each.isWellFormed() && !each.includes('\u0000'))
    )
      return place;
  } catch {
    // refused below
  }
  throw refuse(e.tokenUnreadable);
}
