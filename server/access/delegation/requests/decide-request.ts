import { publishEvents } from '#events/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { next } from '#kernel/machine.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParties, findParty, partyUrn } from '#register/index.ts';
import { callingPerson } from '../../grants/create-grant.ts';
import { lockAccess } from '../../store/versions.ts';
import { delegationErrors } from '../errors.ts';
import { giveToRightHolder } from '../packages.ts';
import { administeredParty } from '../sides.ts';
import { receivedViews } from './list-received.ts';
import { sentRequest, sentView } from './send-request.ts';
import { type RequestState, requestMoves } from './states.ts';
import { type DelegationRequest, lockRequest, saveStatus } from './store.ts';
import type { DecisionQuery, ReceivedRequest, SentRequest } from './wire.ts';

/**
 * Gives what was asked for: whoever is named may open from then on, every watch at the party knows it in the same transaction,
 * and the sender is told. Approving again changes nothing.
 * Refuses callerNotPerson, notAdministrator, requestNotFound, requestDecided, and what `giveAccess` does.
 */
export function approveRequest(ctx: Context, caller: Caller, query: DecisionQuery): Promise<ReceivedRequest> {
  return decide(ctx, caller, query, 'approve', async (tx, row, by) => {
    const at = (await findParty(tx, row.at))!;
    const { package: code, resource, actions } = row;
    const wish = { package: code, resource, instance: null, actions, until: null, reason: null };
    await giveToRightHolder(tx, ctx, caller, { at, to: await findParty(tx, row.to), wish, by });
  });
}

/** Says no, and the sender is told. Again: nothing changes. Refuses callerNotPerson, notAdministrator, requestNotFound, requestDecided. */
export function rejectRequest(ctx: Context, caller: Caller, query: DecisionQuery): Promise<ReceivedRequest> {
  return decide(ctx, caller, query, 'reject', async () => {});
}

function decide(
  ctx: Context,
  caller: Caller,
  query: DecisionQuery,
  move: 'approve' | 'reject',
  then: (tx: Tx, row: DelegationRequest, by: PartyId) => Promise<void>,
): Promise<ReceivedRequest> {
  const by = callingPerson(caller);
  const party = (query.party.toLowerCase() === 'me' ? by : query.party.toLowerCase()) as PartyId;
  return ctx.db.transaction(async (tx) => {
    const { id } = await administeredParty(tx, by, party);
    await lockAccess(tx, id);
    const row = await lockRequest(tx, query.id);
    if (row?.at !== id) throw refuse(delegationErrors.requestNotFound);
    const status = moved(row, move);
    if (status === null) return (await receivedViews(tx, [row]))[0]!;
    const at = ctx.now();
    saveStatus(tx, row.id, status, { at, by });
    await then(tx, row, by);
    await tellSender(tx, { ...row, status }, at);
    return (await receivedViews(tx, [{ ...row, status, decidedAt: at }]))[0]!;
  });
}

/** Pure. The new state, or null where it is that already. Refuses requestDecided. */
function moved(row: DelegationRequest, move: 'approve' | 'reject' | 'withdraw'): RequestState | null {
  const status = next(requestMoves, row.status, move);
  if (status) return status;
  const wanted = { approve: 'Approved', reject: 'Rejected', withdraw: 'Withdrawn' } as const;
  if (row.status === wanted[move]) return null;
  throw refuse(delegationErrors.requestDecided, { status: row.status });
}

/** The sender takes its request back. Again: nothing changes. Refuses requesterUnknown, requestNotFound, requestDecided. */
export function withdrawRequest(ctx: Context, caller: Caller, id: string): Promise<SentRequest> {
  return ctx.db.transaction(async (tx) => {
    await sentRequest(tx, caller, id);
    const row = (await lockRequest(tx, id))!;
    const status = moved(row, 'withdraw');
    if (status) saveStatus(tx, id, status, { at: ctx.now(), by: row.requestedBy });
    return sentView(tx, { ...row, status: status ?? row.status });
  });
}

/** An event to the service owner. Who was let in, and by whom, is not in it. */
async function tellSender(tx: Tx, row: DelegationRequest, at: Date): Promise<void> {
  const parties = await findParties(tx, [row.requestedBy, row.at]);
  const [sender, party] = [parties.get(row.requestedBy)!, parties.get(row.at)!];
  publishEvents(tx, [
    {
      type: `no.budstikke.access.request-${row.status === 'Approved' ? 'approved' : 'rejected'}`,
      source: '/budstikke/v1/access',
      subject: partyUrn(sender),
      alternativeSubject: sender.kind === 'organization' ? `/organisation/${sender.number}` : null,
      resource: row.resource ?? row.package!,
      resourceInstance: row.id,
      at,
      data: { status: row.status, package: row.package, ...(party.kind === 'organization' ? { organizationNumber: party.number } : {}) },
    },
  ]);
}
