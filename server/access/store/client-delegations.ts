import { type Reader, sql, type Tx } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { codeOf } from '../codes.ts';

/** What a provider lets an agent of its own do for a client: an access package, of what it has there itself. */
export interface ClientDelegation {
  readonly client: PartyId;
  readonly provider: PartyId;
  readonly agent: PartyId;
  readonly package: string;
}

/** Stores client delegations; one that stands is left as it is. Whether the provider has the package is asked when it is used. Joined writing. */
export function saveClientDelegations(tx: Tx, rows: readonly ClientDelegation[], by: PartyId | null = null): void {
  if (rows.length === 0) return;
  const given = JSON.stringify(rows.map((row) => ({ ...row, id: newId(), package: codeOf(row.package) })));
  tx.send(sql`
    insert into access.client_delegation (id, client_id, provider_id, agent_id, package, created_by, created_at)
    select g.id, g.client, g.provider, g.agent, access.package_code(g.package), ${by}, clock.now()
      from jsonb_to_recordset(${given}::jsonb) as g (id uuid, client uuid, provider uuid, agent uuid, package text)
     order by g.id
        on conflict (client_id, provider_id, agent_id, package) where revoked_at is null do nothing`);
}

/** Ends client delegations; one that does not stand is left out. Joined writing. index: client_delegation_once */
export function endClientDelegations(tx: Tx, rows: readonly ClientDelegation[], by: PartyId | null = null): void {
  if (rows.length === 0) return;
  tx.send(sql`
    update access.client_delegation d set revoked_at = clock.now(), revoked_by = ${by}
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as g (client uuid, provider uuid, agent uuid, package text)
     where d.client_id = g.client and d.provider_id = g.provider and d.agent_id = g.agent and d.package = g.package and d.revoked_at is null`);
}

/** Ends what an agent has of these packages, at all clients. Joined writing. index: client_delegation_provider */
export function endPackagesOfAgent(tx: Tx, provider: PartyId, agent: PartyId, packages: readonly string[] | null): void {
  tx.send(sql`
    update access.client_delegation set revoked_at = clock.now()
     where provider_id = ${provider} and agent_id = ${agent} and revoked_at is null
       and (${packages}::text[] is null or package = any (${packages}::text[]))`);
}

/**
 * Ends what agents have of these providers at these clients and stands on nothing any more: the provider has the package there neither
 * given nor by a role. It does not come back by itself when the provider has it anew (`restoreEndedWith`). Null: any provider. index: client_delegation_once
 */
export function endUnfounded(
  tx: Tx,
  of: readonly { readonly client: PartyId; readonly provider: PartyId | null }[],
  at: Date,
): Promise<ClientDelegation[]> {
  return tx.all<ClientDelegation>(sql`
    update access.client_delegation d set revoked_at = ${at}
      from (select distinct client, provider from unnest(${of.map(({ client }) => client)}::uuid[],
                   ${of.map(({ provider }) => provider)}::uuid[]) as u (client, provider)) g
     where d.client_id = g.client and (g.provider is null or d.provider_id = g.provider) and d.revoked_at is null
       and not exists (select from access.access_grant a
                        where a.from_id = d.client_id and a.to_id = d.provider_id and a.package = d.package and a.revoked_at is null
                          and (a.expires_at is null or a.expires_at > clock.now()))
       and not exists (select from access.role_assignment r
                         join access.role_package p on p.role = r.role and p.package = d.package and p.has_access
                         join register.party_face c on c.id = r.at_id and (p.unit_type is null or p.unit_type = c.unit_type)
                        where r.holder_id = d.provider_id and r.at_id = d.client_id)
    returning d.client_id as client, d.provider_id as provider, d.agent_id as agent, d.package`);
}

/**
 * Lets agents use anew what ended at this moment with what their provider had, where they are its agents still: the moment is that of the
 * end of the grant it stood on. Tells what is back. index: client_delegation_ended
 */
export function restoreEndedWith(
  tx: Tx,
  ended: Omit<ClientDelegation, 'agent'> & { readonly endedAt: Date },
  by: PartyId,
): Promise<ClientDelegation[]> {
  return tx.all<ClientDelegation>(sql`
    insert into access.client_delegation (id, client_id, provider_id, agent_id, package, created_by, created_at)
    select gen_random_uuid(), d.client_id, d.provider_id, d.agent_id, d.package, ${by}, clock.now()
      from access.client_delegation d
     where d.client_id = ${ended.client} and d.provider_id = ${ended.provider} and d.package = ${ended.package}
       and d.revoked_at = ${ended.endedAt} and d.revoked_by is null
       and exists (select from access.role_assignment a where a.at_id = d.provider_id and a.holder_id = d.agent_id and a.role = 'agent')
        on conflict (client_id, provider_id, agent_id, package) where revoked_at is null do nothing
    returning client_id as client, provider_id as provider, agent_id as agent, package`);
}

/** Makes what an agent has at a client the packages given now, and no others. Joined writing. index: client_delegation_once */
export function replaceClientDelegations(
  tx: Tx,
  rows: readonly (Omit<ClientDelegation, 'package'> & { readonly packages: readonly string[] })[],
): void {
  if (rows.length === 0) return;
  tx.send(sql`
    update access.client_delegation d set revoked_at = clock.now()
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as g (client uuid, provider uuid, agent uuid, packages text[])
     where d.client_id = g.client and d.provider_id = g.provider and d.agent_id = g.agent and d.revoked_at is null
       and not d.package = any (g.packages)`);
  saveClientDelegations(
    tx,
    rows.flatMap(({ packages, ...row }) => packages.map((code) => ({ ...row, package: code }))),
  );
}

export interface ProviderClient {
  readonly client: PartyId;
  /** The roles that the provider holds there. */
  readonly roles: readonly string[];
  /** The packages that it was given there. */
  readonly packages: readonly string[];
}

/**
 * The clients of a provider: where it holds a role of those that have clients, or was given an access package. A page in the
 * order of the ids. index: role_assignment_holder, access_grant_to
 */
export function listClients(
  reader: Reader,
  provider: PartyId,
  page: { after: PartyId | null; limit: number; client?: PartyId },
): Promise<ProviderClient[]> {
  return reader.all<ProviderClient>(sql`
    select c.client, coalesce(array_agg(distinct c.role) filter (where c.role is not null), '{}') as roles,
           coalesce(array_agg(distinct c.package) filter (where c.package is not null), '{}') as packages
      from (select a.at_id as client, a.role, null as package from access.role_assignment a
             where a.holder_id = ${provider} and a.role in ('regnskapsforer', 'revisor', 'forretningsforer')
            union all
            select g.from_id, null, g.package from access.access_grant g
             where g.to_id = ${provider} and g.package is not null and g.revoked_at is null
               and (g.expires_at is null or g.expires_at > clock.now())) c
      join register.party_face p on p.id = c.client and p.alive
     where (${page.after}::uuid is null or c.client > ${page.after}) and (${page.client ?? null}::uuid is null or c.client = ${page.client ?? null})
     group by c.client order by c.client limit ${page.limit}`);
}

/** All that a provider's agents have, of one agent or at one client. index: client_delegation_provider */
export function listClientDelegations(
  reader: Reader,
  provider: PartyId,
  of: { agent?: PartyId; client?: PartyId },
): Promise<ClientDelegation[]> {
  return reader.all<ClientDelegation>(sql`
    select client_id as client, provider_id as provider, agent_id as agent, package from access.client_delegation
     where provider_id = ${provider} and revoked_at is null
       and (${of.agent ?? null}::uuid is null or agent_id = ${of.agent ?? null})
       and (${of.client ?? null}::uuid is null or client_id = ${of.client ?? null})
     order by client_id, agent_id, package`);
}

/** Where a page of delegations begins, in the order of provider and client. */
export interface DelegationPlace {
  readonly provider: PartyId;
  readonly client: PartyId;
}

/** What an agent has at one client by one provider. */
export interface AgentsClient extends DelegationPlace {
  readonly agent: PartyId;
  readonly packages: readonly string[];
}

/** Whom an agent acts for, of one provider or of all, a page in the order of provider and client. index: client_delegation_agent, client_delegation_provider */
export function listDelegationsTo(
  reader: Reader,
  agent: PartyId,
  page: { provider?: PartyId; after: DelegationPlace | null; limit: number },
): Promise<AgentsClient[]> {
  return reader.all<AgentsClient>(sql`
    select client_id as client, provider_id as provider, agent_id as agent, array_agg(package order by package) as packages
      from access.client_delegation
     where agent_id = ${agent} and revoked_at is null and (${page.provider ?? null}::uuid is null or provider_id = ${page.provider ?? null})
       and (${page.after?.provider ?? null}::uuid is null
            or (provider_id, client_id) > (${page.after?.provider ?? null}::uuid, ${page.after?.client ?? null}::uuid))
     group by provider_id, client_id, agent_id order by provider_id, client_id limit ${page.limit}`);
}

/** The agents of a provider that are persons, in the order of their ids. index: role_assignment_pkey */
export async function listAgents(reader: Reader, provider: PartyId, page: { after: PartyId | null; limit: number }): Promise<PartyId[]> {
  const rows = await reader.all<{ id: PartyId }>(sql`
    select a.holder_id as id from access.role_assignment a join register.party_face p on p.id = a.holder_id and p.kind = 'person'
     where a.at_id = ${provider} and a.role = 'agent' and (${page.after}::uuid is null or a.holder_id > ${page.after})
     order by a.holder_id limit ${page.limit}`);
  return rows.map(({ id }) => id);
}

/** Whether somebody is an agent of the provider. index: role_assignment_pkey */
export async function isAgent(reader: Reader, provider: PartyId, agent: PartyId): Promise<boolean> {
  const row = await reader.maybe(sql`
    select from access.role_assignment where at_id = ${provider} and holder_id = ${agent} and role = 'agent'`);
  return row !== undefined;
}
