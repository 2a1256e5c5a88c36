import Type from 'typebox';
import type { Context } from '#kernel/context.ts';
import type { ResourceId } from '#kernel/ids.ts';
import { type AnyRoute, Reply, route } from '#kernel/route.ts';
import { accessErrors } from '../errors.ts';
import { changeMembers, type MemberChange } from './change-members.ts';
import { connectResource, disconnectResource } from './connect-resource.ts';
import { listErrors as e } from './errors.ts';
import { conditionsOf, etagOf, matches } from './etag.ts';
import { asksForDecisions, readersOfLists, writersOfLists } from './owner.ts';
import { findOwnList, includedIn, infoOf, listOwnLists, showConnections, showMembers, showMemberships } from './show-lists.ts';
import {
  ConnectionBody,
  ConnectionParams,
  Connections,
  ListDocument,
  ListInfo,
  ListParams,
  ListQuery,
  Lists,
  ListsQuery,
  Members,
  MembersBody,
  Memberships,
  MembershipsQuery,
  OwnerParams,
  PageQuery,
  Patch,
} from './wire.ts';
import { type NamedList, patchList, removeList, saveList } from './write-list.ts';

const base = '/resourceregistry/api/v1/access-lists';
const one = `${base}/:owner/:identifier`;
const maxBodyBytes = 2 * 1024 * 1024;
const found = [e.notListOwner, e.listNotFound];
const changed = [...found, e.listChanged];

/** With the tag of its version; 304 without a body where the caller has that version already. */
function tagged(named: NamedList, body: unknown, headers: Readonly<Record<string, string | undefined>> = {}): Reply {
  const known = headers['if-none-match'];
  const etag = etagOf(named.list);
  return known !== undefined && matches(known, named.list) ? new Reply(304, undefined, { etag }) : new Reply(200, body, { etag });
}

const membersRoute = (method: 'PUT' | 'POST' | 'DELETE', change: MemberChange, summary: string): AnyRoute<Context> =>
  route({
    method,
    path: `${one}/members`,
    summary,
    scope: writersOfLists,
    params: ListParams,
    body: MembersBody,
    maxBodyBytes,
    answers: { 204: Type.Null() },
    refusals: [...changed, e.memberUnknown, e.tooManyMembers],
    run: async (ctx: Context, caller, { params, body, headers }) => {
      const { list } = await changeMembers(ctx, caller, params, change, body.data, conditionsOf(headers));
      return new Reply(204, undefined, { etag: etagOf(list) });
    },
  });

/** Whom service owners let receive. Source: compatibility.md, platform, §2.9. */
export const listRoutes: readonly AnyRoute<Context>[] = [
  route({
    method: 'GET',
    path: `${base}/memberships`,
    summary: 'By which lists a party may be acted for.',
    scope: [...asksForDecisions, ...readersOfLists],
    query: MembershipsQuery,
    answers: { 200: Memberships },
    refusals: [accessErrors.partyReferenceInvalid, e.membershipPartyUnknown],
    run: (ctx: Context, caller, { query }) => showMemberships(ctx, caller, query),
  }),
  route({
    method: 'GET',
    path: `${base}/:owner`,
    summary: 'The access lists of a service owner, a page at a time.',
    scope: readersOfLists,
    params: OwnerParams,
    query: ListsQuery,
    answers: { 200: Lists },
    refusals: [e.notListOwner],
    run: (ctx: Context, caller, { params, query }) => listOwnLists(ctx, caller, params.owner, query),
  }),
  route({
    method: 'GET',
    path: one,
    summary: 'An access list, with the tag of its version.',
    scope: readersOfLists,
    params: ListParams,
    query: ListQuery,
    answers: { 200: ListInfo, 304: Type.Null() },
    refusals: found,
    run: async (ctx: Context, caller, { params, query, headers }) => {
      const named = await findOwnList(ctx, caller, params);
      return tagged(named, await infoOf(ctx.db, named, includedIn(query.include)), headers);
    },
  }),
  route({
    method: 'PUT',
    path: one,
    summary: 'A service owner makes an access list, or names the one that there is anew.',
    scope: writersOfLists,
    params: ListParams,
    body: ListDocument,
    maxBodyBytes,
    answers: { 200: ListInfo },
    refusals: [e.notListOwner, e.listChanged, e.listIdentifierInvalid],
    run: async (ctx: Context, caller, { params, body, headers }) => {
      const named = await saveList(ctx, caller, params, body, conditionsOf(headers));
      return tagged(named, await infoOf(ctx.db, named));
    },
  }),
  route({
    method: 'PATCH',
    path: one,
    summary: 'Changes name and description by a JSON patch.',
    scope: writersOfLists,
    params: ListParams,
    body: Patch,
    maxBodyBytes,
    answers: { 200: ListInfo },
    refusals: [...changed, e.patchInvalid, e.patchTestFailed],
    run: async (ctx: Context, caller, { params, body, headers }) => {
      const named = await patchList(ctx, caller, params, body, conditionsOf(headers));
      return tagged(named, await infoOf(ctx.db, named));
    },
  }),
  route({
    method: 'DELETE',
    path: one,
    summary: 'Removes an access list. Again: nothing changes.',
    scope: writersOfLists,
    params: ListParams,
    answers: { 204: Type.Null() },
    refusals: [e.notListOwner, e.listChanged],
    run: (ctx: Context, caller, { params, headers }) => removeList(ctx, caller, params, conditionsOf(headers)),
  }),
  route({
    method: 'GET',
    path: `${one}/members`,
    summary: 'The organizations in an access list, a thousand at a time.',
    scope: readersOfLists,
    params: ListParams,
    query: PageQuery,
    answers: { 200: Members, 304: Type.Null() },
    refusals: found,
    run: async (ctx: Context, caller, { params, query, headers }) => {
      const named = await findOwnList(ctx, caller, params);
      return tagged(named, await showMembers(ctx, named, params, query.token), headers);
    },
  }),
  membersRoute('PUT', 'replace', 'These organizations and no others stand in the list.'),
  membersRoute('POST', 'add', 'These organizations stand in the list too.'),
  membersRoute('DELETE', 'remove', 'These organizations stand in the list no longer.'),
  route({
    method: 'GET',
    path: `${one}/resource-connections`,
    summary: 'The resources that an access list counts for, with the actions.',
    scope: readersOfLists,
    params: ListParams,
    query: PageQuery,
    answers: { 200: Connections, 304: Type.Null() },
    refusals: found,
    run: async (ctx: Context, caller, { params, query, headers }) => {
      const named = await findOwnList(ctx, caller, params);
      return tagged(named, await showConnections(ctx, named, params, query.token), headers);
    },
  }),
  route({
    method: 'PUT',
    path: `${one}/resource-connections/:resourceIdentifier`,
    summary: 'The list counts for a resource, by these actions or by all.',
    scope: writersOfLists,
    params: ConnectionParams,
    body: ConnectionBody,
    maxBodyBytes,
    answers: { 204: Type.Null() },
    refusals: [...changed, e.connectionResourceUnknown],
    run: (ctx: Context, caller, { params, body, headers }) =>
      connectResource(ctx, caller, params, params.resourceIdentifier as ResourceId, body, conditionsOf(headers)),
  }),
  route({
    method: 'DELETE',
    path: `${one}/resource-connections/:resourceIdentifier`,
    summary: 'The list counts for a resource no longer.',
    scope: writersOfLists,
    params: ConnectionParams,
    answers: { 204: Type.Null() },
    refusals: [...changed, e.connectionNotFound],
    run: (ctx: Context, caller, { params, headers }) =>
      disconnectResource(ctx, caller, params, params.resourceIdentifier as ResourceId, conditionsOf(headers)),
  }),
];
