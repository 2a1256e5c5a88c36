import type { Caller, Context } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { partyUrn } from '#register/index.ts';
import { findNamedParty, namesOrganization } from '../grants/named-party.ts';
import { listErrors as e } from './errors.ts';
import { ownerOf } from './owner.ts';
import {
  findList,
  listConnections,
  listLists,
  listMembers,
  listMemberships,
  type StoredConnection,
  type StoredList,
  type StoredMember,
} from './store.ts';
import type { ListInfo, ListParams, ListsQuery, MembershipsQuery } from './wire.ts';
import type { NamedList } from './write-list.ts';

const pageSize = 100;
const memberPage = 1000;
const base = '/resourceregistry/api/v1/access-lists';

/** What is shown beside a list itself. */
export interface Included {
  readonly connections: boolean;
  readonly actions: boolean;
  readonly members: boolean;
}

export function includedIn(include: readonly string[] | undefined): Included {
  const words = (include ?? []).flatMap((each) => each.split(',')).map((word) => word.trim().toLowerCase());
  const actions = words.includes('resource-connections.actions');
  return { connections: actions || words.includes('resource-connections'), actions, members: words.includes('members') };
}

const resourceOf = (text: string) => text.replace(/^urn:altinn:resource:/i, '') as ResourceId;

/** The lists of the calling owner, a page at a time in the order of their identifiers. Refuses notListOwner. Source: compatibility.md, platform, §2.9. */
export async function listOwnLists(ctx: Context, caller: Caller, owner: string, query: ListsQuery) {
  const { id, name } = await ownerOf(ctx, caller, owner);
  const resource = query.resource ? resourceOf(query.resource) : null;
  const found = await listLists(ctx.db, id, { after: query.token ?? null, resource, limit: pageSize + 1 });
  const page = found.slice(0, pageSize);
  const more = query.include?.map((each) => `&include=${encodeURIComponent(each)}`).join('') ?? '';
  const only = query.resource ? `&resource=${encodeURIComponent(query.resource)}` : '';
  const next = found.length > pageSize ? `${base}/${owner}?token=${encodeURIComponent(page.at(-1)!.identifier)}${more}${only}` : null;
  return { links: { next }, data: await infosOf(ctx.db, page, name, includedIn(query.include)) };
}

/** Refuses notListOwner, listNotFound. */
export async function findOwnList(ctx: Context, caller: Caller, { owner, identifier }: ListParams): Promise<NamedList> {
  const { id, name } = await ownerOf(ctx, caller, owner);
  const list = await findList(ctx.db, id, identifier);
  if (!list) throw refuse(e.listNotFound, { identifier });
  return { list, owner: name };
}

/** Of members and connections the first thousand; their own routes have all. */
export async function infoOf(reader: Reader, { list, owner }: NamedList, included: Included = includedIn([])): Promise<ListInfo> {
  return (await infosOf(reader, [list], owner, included))[0]!;
}

async function infosOf(reader: Reader, lists: readonly StoredList[], owner: string, included: Included): Promise<ListInfo[]> {
  const ids = lists.map(({ id }) => id);
  const [connections, members] = await Promise.all([
    included.connections ? listConnections(reader, ids, null, memberPage) : [],
    included.members ? listMembers(reader, ids, null, memberPage) : [],
  ]);
  return lists.map((list) => ({
    urn: `urn:altinn:access-list:${owner}:${list.identifier}`,
    identifier: list.identifier,
    name: list.name,
    description: list.description,
    createdAt: list.createdAt.toISOString(),
    updatedAt: list.updatedAt.toISOString(),
    ...(included.connections
      ? { resourceConnections: connections.filter((one) => one.list === list.id).map((one) => connectionOf(one, included.actions)) }
      : {}),
    ...(included.members ? { members: members.filter((one) => one.list === list.id).map(memberOf) } : {}),
  }));
}

function connectionOf({ resource, actionFilters, createdAt }: StoredConnection, withActions: boolean) {
  const actions = withActions ? { actionFilters: actionFilters ? [...actionFilters] : null } : {};
  return { resourceIdentifier: resource, ...actions, createdAt: createdAt.toISOString() };
}

function memberOf({ party, partyId, number, since }: StoredMember) {
  return {
    id: `urn:altinn:party:uuid:${party}`,
    since: since.toISOString(),
    identifiers: {
      'urn:altinn:party:uuid': party,
      'urn:altinn:party:id': String(partyId),
      'urn:altinn:organization:identifier-no': number,
    },
  };
}

/** A thousand at a time, in the order of their ids. */
export async function showMembers(ctx: Context, { list }: NamedList, params: ListParams, token: string | undefined) {
  const after = token && /^[0-9a-f-]{36}$/.test(token) ? token : null;
  const found = await listMembers(ctx.db, [list.id], after, memberPage + 1);
  const page = found.slice(0, memberPage);
  const next = found.length > memberPage ? `${base}/${params.owner}/${params.identifier}/members?token=${page.at(-1)!.party}` : null;
  return { links: { next }, data: page.map(memberOf) };
}

export async function showConnections(ctx: Context, { list }: NamedList, params: ListParams, token: string | undefined) {
  const found = await listConnections(ctx.db, [list.id], token ?? null, memberPage + 1);
  const page = found.slice(0, memberPage);
  const last = page.at(-1)?.resource ?? '';
  const next =
    found.length > memberPage
      ? `${base}/${params.owner}/${params.identifier}/resource-connections?token=${encodeURIComponent(last)}`
      : null;
  return { links: { next }, data: page.map((one) => connectionOf(one, true)) };
}

/**
 * By which lists a party may be acted for, on all resources or on one: for those who decide, and for an owner of its own lists.
 * Refuses partyReferenceInvalid, membershipPartyUnknown.
 */
export async function showMemberships(ctx: Context, caller: Caller, query: MembershipsQuery) {
  const party = await findNamedParty(ctx, 'party', query.party);
  if (!party && namesOrganization(query.party)) throw refuse(e.membershipPartyUnknown);
  if (!party) return []; // which persons are known here is not told, and none is in a list
  const decides = caller.scopes.has('altinn:authorization/authorize');
  const nobody = '00000000-0000-0000-0000-000000000000' as PartyId;
  const rows = await listMemberships(ctx.db, {
    party: party.id,
    resource: query.resource ? resourceOf(query.resource) : null,
    owner: decides ? null : (caller.consumer ?? nobody),
    limit: memberPage,
  });
  return rows.map(({ resource, since, actionFilters }) => ({
    party: partyUrn(party),
    resource: `urn:altinn:resource:${resource}`,
    since: since.toISOString(),
    actionFilters: actionFilters ? [...actionFilters] : null,
  }));
}
