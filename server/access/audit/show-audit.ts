import { listActsAt, listEvidence } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { newId, type PartyId, type ResourceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParties, findParty, type Party } from '#register/index.ts';
import { may } from '../decide/may.ts';
import { findNamedParty } from '../grants/named-party.ts';
import { administers, demandAdministeringLogin } from '../grants/right-to-give.ts';
import { listAttempts, listAudit, saveAudit } from '../store/audit.ts';
import { entryOfAct, entryOfDecision, partiesIn } from './entries.ts';
import { auditErrors as e } from './errors.ts';
import { hideNames } from './hide-names.ts';
import { findMessage } from './store.ts';
import type { AuditPage, AuditQuery } from './wire.ts';

/** Given by the issuer to whoever audits the installation. */
export const auditorScope = 'budstikke:audit.read';

const pageSize = 100;

/**
 * What was done with a party's post, decided about it and refused, newest first: for who administers access there, for oneself, and for the
 * auditor, whose looking is written down in turn. Everybody else is told the same as of a party that is not known.
 * Refuses partyReferenceInvalid, auditNotFound, loginTooLow. The route is ours.
 */
export async function showAudit(ctx: Context, caller: Caller, query: AuditQuery): Promise<AuditPage> {
  const at = await findNamedParty(ctx, 'party', query.party);
  if (!at) throw refuse(e.auditNotFound);
  const { kind = null } = query;
  const wanted = {
    ...{ before: query.before ?? null, limit: pageSize + 1, resource: query.resource ?? null, instance: query.about ?? null },
    ...{ from: query.from ? new Date(query.from) : null, to: query.to ? new Date(query.to) : null },
  };
  return ctx.db.transaction(async (tx) => {
    await refuseStrangers(tx, caller, at);
    const acts = kind === null || kind === 'act' ? await listActsAt(tx, at.id, { ...wanted, about: wanted.instance }) : [];
    const decisions = kind === 'act' ? [] : await listAudit(tx, at.id, { ...wanted, kind });
    const parties = await findParties(tx, partiesIn(acts, decisions));
    const all = [...acts.map((act) => entryOfAct(act, parties)), ...decisions.map((row) => entryOfDecision(row, parties))];
    const page = all.sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, pageSize);
    noteAuditor(ctx, tx, caller, at.id, null);
    const entries = isAuditor(caller) ? page : await hideNames(tx, caller, at.id, page, wanted.resource as ResourceId | null);
    // that there is more would say that there is something
    const goesOn = all.length > pageSize && (entries.length > 0 || wanted.resource === null);
    return { entries, next: goesOn ? page.at(-1)!.id : null };
  });
}

const seen: readonly string[] = [
  'OverviewFetched',
  'SenderViewed',
  'ContentAccessTracking',
  'ContentHandover',
  'ConsignmentAcceptance',
  'Forwarded',
  'DeletedByRecipient',
];

/**
 * Who has seen a message, and who tried to and was refused, oldest first: for who administers access at its recipient, for who may read it, and for the auditor.
 * Refuses loginTooLow; auditNotFound, as of a message that does not exist. The route is ours.
 */
export async function showWhoHasSeen(ctx: Context, caller: Caller, id: string, after?: string): Promise<AuditPage> {
  return ctx.db.transaction(async (tx) => {
    const message = await findMessage(tx, id);
    const recipient = message && (await findParty(tx, message.recipient));
    if (!recipient) throw refuse(e.auditNotFound);
    const reads = await may(tx, caller, { action: 'read', resource: message.resource, party: message.recipient, instance: id });
    // a machine, also one whom a policy lets read, acts for nobody in particular
    if (reads.by !== 'right' || caller.kind !== 'person') await refuseStrangers(tx, caller, recipient);
    const acts = await listEvidence(tx, [id], { limit: pageSize + 1, ...(after ? { after } : {}) });
    const attempts = await listAttempts(tx, id, after ?? null, pageSize + 1);
    const parties = await findParties(tx, partiesIn(acts, attempts));
    const all = [
      ...acts.map((act) => ({ entry: entryOfAct(act, parties), isShown: seen.includes(act.event) })),
      ...attempts.map((row) => ({ entry: entryOfDecision(row, parties), isShown: true })),
    ];
    const page = all.sort((a, b) => (a.entry.id < b.entry.id ? -1 : 1)).slice(0, pageSize);
    noteAuditor(ctx, tx, caller, recipient.id, id);
    const shown = page.flatMap(({ entry, isShown }) => (isShown ? [entry] : []));
    return {
      entries: isAuditor(caller) ? shown : await hideNames(tx, caller, recipient.id, shown),
      next: all.length > pageSize ? page.at(-1)!.entry.id : null,
    };
  });
}

const isAuditor = (caller: Caller): boolean => caller.scopes.has(auditorScope);

/** Refuses auditNotFound, loginTooLow. */
async function refuseStrangers(tx: Tx, caller: Caller, at: Party): Promise<void> {
  if (isAuditor(caller)) return;
  // a machine of the organization acts for nobody in particular: names are for people who answer for access
  if (caller.kind !== 'person' || !caller.subject || !(await administers(tx, caller.subject, at))) throw refuse(e.auditNotFound);
  demandAdministeringLogin(caller);
}

/** Whoever audits is seen by those who are audited. */
function noteAuditor(ctx: Context, tx: Tx, caller: Caller, party: PartyId, instance: string | null): void {
  if (!isAuditor(caller)) return;
  saveAudit(tx, [
    {
      id: newId(),
      at: ctx.now(),
      party,
      subject: caller.subject,
      askedBy: caller.consumer ?? caller.party,
      clientId: caller.clientId,
      resource: 'budstikke-audit-log',
      instance,
      action: 'read',
      decision: 'Permit',
      path: [],
    },
  ]);
}
