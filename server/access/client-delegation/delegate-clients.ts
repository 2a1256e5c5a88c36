import { actorOf, recordEvidence } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParties, type Party } from '#register/index.ts';
import { announceAccessChanges } from '../announce.ts';
import { codeOf } from '../codes.ts';
import { delegationErrors as e } from '../delegation/errors.ts';
import { administeredParty, recipientOf } from '../delegation/sides.ts';
import { isPlaceOf, nextLink, placeIn, tokenAt } from '../delegation/views.ts';
import type { PersonInput } from '../delegation/wire.ts';
import { callingPerson } from '../grants/create-grant.ts';
import { fitRecipient } from '../grants/give-access.ts';
import {
  type ClientDelegation,
  endClientDelegations,
  isAgent,
  listAgents,
  listClientDelegations,
  listClients,
  listDelegationsTo,
  saveClientDelegations,
} from '../store/client-delegations.ts';
import { findPackage } from '../store/grants.ts';
import { listRoleEntries } from '../store/role-book.ts';
import { endRoleAssignments, saveRoleAssignments } from '../store/roles.ts';
import { lockAccess } from '../store/versions.ts';
import { findSystemUser } from '../system-users/store.ts';
import { pathsToDelegate } from './right-to-delegate.ts';
import type { AgentPage, AgentsQuery, ClientPage, DelegationList, PackageQuery } from './wire.ts';

const pageSize = 100;
const base = '/accessmanagement/api/v1/enduser/clientdelegations';

/**
 * The clients of an organization, each with the packages that it has there and can let its agents use.
 * Refuses callerNotPerson, notAdministrator. Source: compatibility.md, platform, §2.5.
 */
export function showClients(ctx: Context, caller: Caller, query: { party: string; token?: string | null }): Promise<ClientPage> {
  return asProvider(ctx, caller, query.party, async (tx, provider) => {
    const rows = await listClients(tx, provider.id, { after: (query.token ?? null) as PartyId | null, limit: pageSize + 1 });
    const page = rows.slice(0, pageSize);
    const parties = await findParties(
      tx,
      page.map(({ client }) => client),
    );
    const held = await packagesHeld(tx);
    return {
      links: nextLink(`${base}/clients`, query, rows.length > pageSize ? page.at(-1)!.client : null),
      data: page.map(({ client, roles, packages }) => {
        const party = parties.get(client)!;
        return { client: endOf(party), packages: [...new Set([...roles.flatMap((role) => held(role, party)), ...packages])].sort() };
      }),
    };
  });
}

/** What a role gives to use at a party of this form. */
async function packagesHeld(tx: Tx): Promise<(role: string, at: Party) => string[]> {
  const entries = (await listRoleEntries(tx)).filter(({ kind, isHad }) => kind === 'package' && isHad);
  const byRole = Map.groupBy(entries, ({ role }) => role);
  return (role, at) =>
    (byRole.get(role) ?? []).filter(({ unitType }) => unitType === null || unitType === at.unitType).map(({ value }) => value);
}

/** The agents of an organization that are persons. Refuses callerNotPerson, notAdministrator. */
export function showAgents(ctx: Context, caller: Caller, query: { party: string; token?: string | null }): Promise<AgentPage> {
  return asProvider(ctx, caller, query.party, async (tx, provider) => {
    const ids = await listAgents(tx, provider.id, { after: (query.token ?? null) as PartyId | null, limit: pageSize + 1 });
    const page = ids.slice(0, pageSize);
    const parties = await findParties(tx, page);
    return {
      links: nextLink(`${base}/agents`, query, ids.length > pageSize ? page.at(-1)! : null),
      data: page.map((id) => ({ agent: endOf(parties.get(id)!) })),
    };
  });
}

/** Makes a person an agent: by itself that opens nothing. Again: nothing changes. Refuses callerNotPerson, notAdministrator, mayNotGrant, recipientMissing, guessedTooOften, partyUnknown, recipientGone, recipientIsParty, agentNotPerson. */
export async function addAgent(
  ctx: Context,
  caller: Caller,
  query: { party: string; to?: string | null },
  person?: PersonInput,
): Promise<void> {
  const by = callingPerson(caller);
  const named = await recipientOf(ctx, caller, { to: query.to, person }, async (tx) => {
    const { id } = await administeredParty(tx, by, query.party as PartyId);
    await pathsToDelegate(tx, caller, id, []);
  });
  await asProvider(ctx, caller, query.party, async (tx, provider) => {
    await pathsToDelegate(tx, caller, provider.id, []);
    const agent = fitRecipient(provider, named);
    if (agent.kind !== 'person') throw refuse(e.agentNotPerson);
    saveRoleAssignments(tx, [{ holder: agent.id, role: 'agent', at: provider.id, source: 'delegation' }]);
    await announceAccessChanges(tx, { by: actorOf(caller, ['administers access']), cause: 'granted' });
  });
}

/**
 * Ends an agent, with all that it had for clients: whoever could give it all. Again: nothing changes.
 * Refuses callerNotPerson, notAdministrator, mayNotGrant.
 */
export function removeAgent(ctx: Context, caller: Caller, query: { party: string; to: string }): Promise<void> {
  return asProvider(ctx, caller, query.party, async (tx, provider) => {
    const agent = query.to as PartyId;
    const had = await listClientDelegations(tx, provider.id, { agent });
    const paths = await pathsToDelegate(tx, caller, provider.id, agent === caller.subject ? [] : had);
    endClientDelegations(tx, had, caller.subject);
    endRoleAssignments(tx, [{ holder: agent, role: 'agent', at: provider.id }]);
    await tell(tx, ctx, caller, had, 'AccessRevoked', paths[0]);
  });
}

/** What an agent has for clients, a page at a time. Refuses callerNotPerson, notAdministrator, pageTokenUnreadable. */
export function showDelegations(ctx: Context, caller: Caller, query: AgentsQuery): Promise<DelegationList> {
  return asProvider(ctx, caller, query.party, (tx, provider) =>
    delegationPage(tx, `${base}/agents/accesspackages`, query, query.to as PartyId, provider.id),
  );
}

/**
 * For whom the calling person acts as an agent, whoever lets it, a page at a time. A client for which it acts by two providers stands
 * there for each. Refuses callerNotPerson, pageTokenUnreadable.
 */
export function showOwnClients(ctx: Context, caller: Caller, query: { token?: string | null }): Promise<DelegationList> {
  const by = callingPerson(caller);
  return ctx.db.transaction((tx) => delegationPage(tx, `${base}/my/clients`, query, by));
}

async function delegationPage(
  tx: Tx,
  path: string,
  query: { readonly token?: string | null },
  agent: PartyId,
  provider?: PartyId,
): Promise<DelegationList> {
  const place = placeIn(query.token, isPlaceOf(0, 2)) as [PartyId, PartyId] | null;
  const after = place && { provider: place[0], client: place[1] };
  const rows = await listDelegationsTo(tx, agent, { after, limit: pageSize + 1, ...(provider ? { provider } : {}) });
  const page = rows.slice(0, pageSize);
  const last = rows.length > pageSize ? page.at(-1)! : null;
  const parties = await findParties(tx, [...new Set([agent, ...page.map(({ client }) => client)])]);
  return {
    links: nextLink(path, query, last && tokenAt([last.provider, last.client])),
    data: page.map(({ client, packages }) => ({
      client: endOf(parties.get(client)!),
      agent: endOf(parties.get(agent)!),
      packages: [...packages],
    })),
  };
}

/**
 * Lets an agent, a person or an agent system user, use one package at a client. Again: nothing changes.
 * Refuses callerNotPerson, notAdministrator, agentUnknown, clientUnknown, packageNotDelegable, packageNotHeld, packageNotOfSystem,
 * mayNotGrant.
 */
export function delegatePackage(ctx: Context, caller: Caller, query: PackageQuery): Promise<void> {
  return asProvider(ctx, caller, query.party, async (tx, provider) => {
    const [client, agent, code] = [query.from as PartyId, query.to as PartyId, codeOf(query.package)];
    if (!(await isAgent(tx, provider.id, agent))) throw refuse(e.agentUnknown);
    const system = await findSystemUser(tx, agent);
    if (system && !system.packages.includes(code)) throw refuse(e.packageNotOfSystem, { package: code });
    if ((await findPackage(tx, code))?.isDelegable === false) throw refuse(e.packageNotDelegable, { package: code });
    await refuseNotHeld(tx, provider, client, code);
    const row = { client, provider: provider.id, agent, package: code };
    const [path] = await pathsToDelegate(tx, caller, provider.id, [row]);
    const standing = await listClientDelegations(tx, provider.id, { agent, client });
    if (standing.some((each) => each.package === code)) return;
    saveClientDelegations(tx, [row], caller.subject);
    await tell(tx, ctx, caller, [row], 'AccessGranted', path);
  });
}

async function refuseNotHeld(tx: Tx, provider: Party, id: PartyId, code: string): Promise<void> {
  const [row] = await listClients(tx, provider.id, { after: null, limit: 1, client: id });
  const client = (await findParties(tx, [id])).get(id);
  if (!row || !client) throw refuse(e.clientUnknown);
  const held = await packagesHeld(tx);
  if (!row.packages.includes(code) && !row.roles.some((role) => held(role, client).includes(code)))
    throw refuse(e.packageNotHeld, { package: code });
}

/** Takes one package at a client from an agent: whoever could give it. Again: nothing changes. Refuses callerNotPerson, notAdministrator, mayNotGrant. */
export function revokeDelegation(ctx: Context, caller: Caller, query: PackageQuery): Promise<void> {
  return asProvider(ctx, caller, query.party, async (tx, provider) => {
    const [client, agent] = [query.from as PartyId, query.to as PartyId];
    const standing = await listClientDelegations(tx, provider.id, { agent, client });
    const had = standing.filter((each) => each.package === codeOf(query.package));
    if (had.length === 0) return;
    const [path] = await pathsToDelegate(tx, caller, provider.id, agent === caller.subject ? [] : had);
    endClientDelegations(tx, had, caller.subject);
    await tell(tx, ctx, caller, had, 'AccessRevoked', path);
  });
}

function asProvider<T>(ctx: Context, caller: Caller, party: string, work: (tx: Tx, provider: Party) => Promise<T>): Promise<T> {
  const by = callingPerson(caller);
  return ctx.db.transaction(async (tx) => {
    const provider = await administeredParty(tx, by, party as PartyId);
    await lockAccess(tx, provider.id);
    return work(tx, provider);
  });
}

async function tell(
  tx: Tx,
  { now }: Context,
  caller: Caller,
  rows: readonly ClientDelegation[],
  event: 'AccessGranted' | 'AccessRevoked',
  path: readonly string[] = [],
) {
  const by = actorOf(caller, [...path, 'administers access at the provider']);
  recordEvidence(
    tx,
    rows.map((row) => ({
      ...{ event, about: row.agent, recipient: row.client, at: now(), proves: 'nothing' as const },
      core: { package: row.package, provider: row.provider },
      who: { ...by, to: row.agent },
    })),
  );
  await announceAccessChanges(tx, { by, cause: event === 'AccessGranted' ? 'granted' : 'revoked' });
}

const endOf = ({ id, name, kind, number }: Party) => ({ id, name, organizationIdentifier: kind === 'organization' ? number : null });
