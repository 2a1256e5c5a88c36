import { actorOf, recordEvidence } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { next } from '#kernel/machine.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParty, type Party, saveParties } from '#register/index.ts';
import { announceAccessChanges } from '../announce.ts';
import { pathsToDelegate } from '../client-delegation/right-to-delegate.ts';
import { delegationErrors } from '../delegation/errors.ts';
import { administeredParty } from '../delegation/sides.ts';
import { accessErrors } from '../errors.ts';
import { callingPerson } from '../grants/create-grant.ts';
import { giveAccess } from '../grants/give-access.ts';
import { rightToGive } from '../grants/right-to-give.ts';
import { takeAccess } from '../grants/take-access.ts';
import { endPackagesOfAgent, listClientDelegations } from '../store/client-delegations.ts';
import { findLiveGrant, type Grant, type GrantTarget } from '../store/grants.ts';
import { partiesOf, saveRoleAssignments } from '../store/roles.ts';
import { lockAccess } from '../store/versions.ts';
import type { NeededRight } from '../system-register/store.ts';
import { systemRequestMoves } from './states.ts';
import {
  findSystemUser,
  findSystemUserBy,
  lockSystemRequest,
  type SystemRequest,
  saveEscalation,
  saveSystemStatus,
  saveSystemUser,
} from './store.ts';
import { requestViews } from './views.ts';
import type { SystemRequestView } from './wire.ts';

/** Which request, of which organization; a change is decided on by its own routes. */
export interface Asked {
  readonly party: string;
  readonly requestId: string;
  readonly isChange: boolean;
}

interface Deciding {
  readonly tx: Tx;
  readonly ctx: Context;
  readonly caller: Caller;
  readonly by: PartyId;
  readonly owner: Party;
  readonly row: SystemRequest;
}

/**
 * A person who administers access at the organization approves: the system user comes to be with what was asked for, every
 * right given as people give rights, so that nobody hands a system more than it may hand on. Approving again changes nothing.
 * Refuses callerNotPerson, notAdministrator, requestNotFound, requestDecided, requestTimedOut, systemUserExists, changeUnknown,
 * and what `giveAccess` does.
 */
export function approveSystemRequest(ctx: Context, caller: Caller, asked: Asked): Promise<SystemRequestView> {
  return decide(ctx, caller, asked, 'approve', (deciding) => (deciding.row.kind === 'change' ? changeUser(deciding) : makeUser(deciding)));
}

/** Says no. Again: nothing changes. Refuses callerNotPerson, notAdministrator, requestNotFound, requestDecided, requestTimedOut. */
export function rejectSystemRequest(ctx: Context, caller: Caller, asked: Asked): Promise<SystemRequestView> {
  return decide(ctx, caller, asked, 'reject', async ({ row }) => row.systemUserId);
}

function decide(
  ctx: Context,
  caller: Caller,
  asked: Asked,
  move: 'approve' | 'reject',
  then: (deciding: Deciding) => Promise<PartyId | null>,
): Promise<SystemRequestView> {
  const by = callingPerson(caller);
  return ctx.db.transaction(async (tx) => {
    const owner = await administeredParty(tx, by, asked.party.toLowerCase() as PartyId);
    await lockAccess(tx, owner.id);
    const row = await lockSystemRequest(tx, asked.requestId);
    if (row?.ownerId !== owner.id || (row.kind === 'change') !== asked.isChange) throw refuse(delegationErrors.requestNotFound);
    if (row.status === 'Timedout') throw refuse(delegationErrors.requestTimedOut);
    const status = next(systemRequestMoves, row.status, move);
    if (!status && row.status !== (move === 'approve' ? 'Accepted' : 'Rejected'))
      throw refuse(delegationErrors.requestDecided, { status: row.status });
    if (!status) return (await requestViews(tx, [row]))[0]!;
    const systemUser = await then({ tx, ctx, caller, by, owner, row });
    saveSystemStatus(tx, row.id, status, { at: ctx.now(), by, systemUser });
    return (await requestViews(tx, [{ ...row, status, systemUserId: systemUser }]))[0]!;
  });
}

async function makeUser(deciding: Deciding): Promise<PartyId> {
  const { tx, ctx, owner, row } = deciding;
  const { systemId, externalRef, integrationTitle, packages } = row;
  const kind = row.kind === 'agent' ? 'agent' : 'standard';
  if (await findSystemUserBy(tx, { systemId, ownerId: owner.id, externalRef }, [kind])) throw refuse(delegationErrors.systemUserExists);
  const id = newId<PartyId>();
  saveParties(tx, [{ id, kind: 'system-user', number: null, name: integrationTitle, parentId: owner.id }]);
  const shared = { id, systemId, ownerId: owner.id, externalRef, integrationTitle, createdAt: ctx.now(), deletedAt: null };
  saveSystemUser(tx, { ...shared, kind, packages: kind === 'agent' ? packages : [] });
  if (kind === 'agent') await makeAgent(deciding, id);
  else await give(deciding, id, row.rights, row.packages);
  return id;
}

/** By itself an agent has nothing: its owner gives it clients, one by one. Refuses mayNotGrant. */
async function makeAgent({ tx, ctx, caller, owner, row }: Deciding, id: PartyId): Promise<void> {
  await pathsToDelegate(tx, caller, owner.id, ofClientsToCome(row.packages));
  saveRoleAssignments(tx, [{ holder: id, role: 'agent', at: owner.id, source: 'delegation' }]);
  const by = actorOf(caller, ['administers access']);
  recordEvidence(tx, [
    {
      event: 'AccessGranted',
      about: id,
      recipient: owner.id,
      at: ctx.now(),
      proves: 'nothing',
      core: { agentOf: owner.id, packages: row.packages, system: row.systemId },
      who: { ...by, to: id },
    },
  ]);
  await announceAccessChanges(tx, { by, cause: 'granted' });
}

async function changeUser(deciding: Deciding): Promise<PartyId> {
  const { tx, row } = deciding;
  const user = row.systemUserId ? await findSystemUser(tx, row.systemUserId) : undefined;
  if (!user) throw refuse(delegationErrors.changeUnknown);
  if (user.kind === 'agent') {
    const { caller, owner } = deciding;
    await pathsToDelegate(tx, caller, owner.id, ofClientsToCome([...row.packages, ...row.unwantedPackages]));
    await refuseEndOfAgents(deciding, user.id);
    const kept = user.packages.filter((code) => !row.unwantedPackages.includes(code));
    saveSystemUser(tx, { ...user, packages: [...new Set([...kept, ...row.packages])] });
    await endAgentPackages(deciding, user.id);
    return user.id;
  }
  for (const code of row.unwantedPackages) await take(deciding, user.id, { package: code, resource: null, instance: null });
  const { left, until } = await rightsLeft(deciding, user.id);
  await give(deciding, user.id, [...left, ...row.rights], row.packages, until);
  return user.id;
}

/** When grants end, by resource. */
type Ends = ReadonlyMap<string, Date>;

const ofClientsToCome = (packages: readonly string[]) => packages.map((code) => ({ client: null, package: code }));

/** What an agent has at clients is taken by whoever could give it there. Refuses mayNotGrant. */
async function refuseEndOfAgents({ tx, caller, owner, row }: Deciding, agent: PartyId): Promise<void> {
  const had = await listClientDelegations(tx, owner.id, { agent });
  const ending = had.filter((each) => row.unwantedPackages.includes(each.package));
  await pathsToDelegate(tx, caller, owner.id, ending);
}

/** Ends one grant of a system user, by a caller who could give it, and tells what it was. One by one: a system user has few. Refuses mayNotGrant. */
async function take({ tx, ctx, caller, by, owner }: Deciding, user: PartyId, what: GrantTarget): Promise<Grant | undefined> {
  const grant = await findLiveGrant(tx, owner.id, user, what);
  if (!grant) return undefined;
  const path = await rightToGive(tx, caller, owner, grant);
  if (!path) throw refuse(accessErrors.mayNotGrant);
  await takeAccess(tx, ctx, caller, { grants: [grant], by, path });
  return grant;
}

/**
 * A grant holds all actions on its resource: where one more is wanted, or one less, it is made anew with what is left, and ends
 * when it would have ended.
 */
async function rightsLeft(deciding: Deciding, user: PartyId): Promise<{ left: NeededRight[]; until: Ends }> {
  const { rights, unwantedRights } = deciding.row;
  const isUnwanted = (right: NeededRight) =>
    unwantedRights.some(({ resource, action }) => resource === right.resource && action === right.action);
  const left: NeededRight[] = [];
  const until = new Map<string, Date>();
  for (const resource of new Set([...rights, ...unwantedRights].map((right) => right.resource))) {
    const grant = await take(deciding, user, { package: null, resource, instance: null });
    left.push(...(grant?.actions ?? []).map((action) => ({ resource, action })).filter((right) => !isUnwanted(right)));
    if (grant?.until) until.set(resource, grant.until);
  }
  return { left, until };
}

async function endAgentPackages({ tx, caller, owner, row }: Deciding, agent: PartyId): Promise<void> {
  endPackagesOfAgent(tx, owner.id, agent, row.unwantedPackages);
  await announceAccessChanges(tx, { by: actorOf(caller, ['administers access']), cause: 'revoked' });
}

async function give(
  { tx, ctx, caller, by, owner }: Deciding,
  id: PartyId,
  rights: readonly NeededRight[],
  packages: readonly string[],
  until: Ends = new Map(),
): Promise<void> {
  const to = await findParty(tx, id);
  const byResource = Map.groupBy(rights, ({ resource }) => resource);
  const wishes = [
    ...[...byResource].map(([resource, of]) => ({ package: null, resource, actions: [...new Set(of.map(({ action }) => action))] })),
    ...packages.map((code) => ({ package: code, resource: null, actions: [] })),
  ];
  for (const wish of wishes)
    await giveAccess(tx, ctx, caller, {
      at: owner,
      to,
      wish: { ...wish, instance: null, until: until.get(wish.resource ?? '') ?? null, reason: null },
      by,
    });
}

/**
 * Somebody of the organization who may not approve hands the request on to those who may. Again: nothing changes.
 * Refuses callerNotPerson, requestNotFound, also to those who have nothing to do with the organization; requestDecided, requestTimedOut.
 */
export function escalateSystemRequest(ctx: Context, caller: Caller, asked: Asked): Promise<SystemRequestView> {
  const by = callingPerson(caller);
  return ctx.db.transaction(async (tx) => {
    const row = await lockSystemRequest(tx, asked.requestId);
    const isOwn = row && row.ownerId === asked.party.toLowerCase() && (row.kind === 'change') === asked.isChange;
    if (!isOwn || !(await partiesOf(tx, by)).includes(row.ownerId)) throw refuse(delegationErrors.requestNotFound);
    if (row.status === 'Timedout') throw refuse(delegationErrors.requestTimedOut);
    if (row.status !== 'New') throw refuse(delegationErrors.requestDecided, { status: row.status });
    if (!row.escalated) saveEscalation(tx, row.id);
    return (await requestViews(tx, [{ ...row, escalated: true }]))[0]!;
  });
}
