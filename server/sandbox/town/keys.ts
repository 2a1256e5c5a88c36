import { createHash } from 'node:crypto';
import type { Town, TownList } from './schema.ts';

type Item<L extends TownList> = Town[L][number];

const keys: { readonly [L in TownList]: (item: Item<L>) => readonly string[] } = {
  parties: ({ number }) => [number],
  roles: ({ holder, role, at }) => [holder, role.toLowerCase(), at],
  accessLists: ({ id }) => [id],
  resources: ({ id }) => [id],
  grants: ({ to, at, package: code, resource }) => [to, at, code ? 'package' : 'resource', code ?? resource ?? ''],
  clientDelegations: ({ client, provider, agent }) => [client, provider, agent],
  guardians: ({ guardian, ward }) => [guardian, ward],
  clients: ({ clientId }) => [clientId],
  systemUsers: ({ id }) => [id.toLowerCase()],
};

/** What makes an item the same one when a document is loaded again. */
export function keyOf<L extends TownList>(list: L, item: Item<L>): string {
  return JSON.stringify(keys[list](item));
}

/** An item's key and content by digest, so that what was loaded can be remembered without remembering whom it was about. */
export function digestsOf<L extends TownList>(list: L, item: Item<L>): { readonly key: string; readonly content: string } {
  return { key: digest(keyOf(list, item)), content: digest(JSON.stringify(item, inOneOrder)) };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** Members in the order of their names: how they were written says nothing. */
function inOneOrder(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
