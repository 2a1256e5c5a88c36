import { listSystemsThatActFor, type SystemOf } from '#access/index.ts';
import { listCertificatesOf, listClientsOf, listSeenClients } from '#identity/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { ownSecrets } from '#subscriptions/index.ts';
import { ownerSeenBy } from '#watch/index.ts';
import { keysErrors as e } from './errors.ts';
import type { Keys, KeysQuery } from './wire.ts';

const isUuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const nothing: Keys = {
  ...{ clients: [], systems: [], certificates: [], webhooks: [], hasMore: false },
  next: { clients: null, systems: null, certificates: null },
};

/** Of each kind at once. */
const most = 200;

/**
 * By which keys something can be done for an organization, or was: its own clients, the systems that may act for it, its certificates,
 * and the webhooks that sign what they bring. Nothing secret is among it. Only for who speaks for the organization as a whole. Where there
 * are more of a kind, that kind alone is asked for, after the last that was read.
 *
 * Refuses notForTheWhole.
 */
export async function showKeys({ db }: Context, caller: Caller, { kind, after }: KeysQuery = {}): Promise<Keys> {
  const organization = ownerSeenBy(caller, 'change');
  if (organization === null) throw refuse(e.notForTheWhole);
  // After what is none of them there is nothing.
  if (kind === 'systems' && after !== undefined && !isUuid.test(after)) return nothing;
  const asked = { after: kind === undefined ? null : (after ?? null), limit: most + 1 };
  const ofKind = <Key>(which: KeysQuery['kind'], list: () => Promise<readonly Key[]>): Promise<readonly Key[]> =>
    kind === undefined || kind === which ? list() : Promise.resolve([]);
  const [clients, systems, certificates, webhooks] = await Promise.all([
    ofKind('clients', () => listClientsOf(db, organization, asked)),
    ofKind('systems', () => listSystemsThatActFor(db, organization, asked)),
    ofKind('certificates', () => listCertificatesOf(db, organization, asked)),
    kind === undefined ? ownSecrets(db, caller) : [],
  ]);
  const shown = systems.slice(0, most);
  const seen = await listSeenClients(
    db,
    shown.map(({ id }) => id),
    most * 10,
  );
  const lastOf = <Key>(all: readonly Key[], nameOf: (key: Key) => string): string | null =>
    all.length > most ? nameOf(all[most - 1]!) : null;
  const next = {
    clients: lastOf(clients, ({ clientId }) => clientId),
    systems: lastOf(systems, ({ id }) => id),
    certificates: lastOf(certificates, ({ thumbprint }) => thumbprint),
  };
  return {
    clients: clients.slice(0, most).map((each) => ({ ...each, scopes: [...each.scopes], lastSeenAt: textOf(each.lastSeenAt) })),
    systems: shown.map((system) => systemOf(system, seen)),
    certificates: certificates.slice(0, most).map(({ thumbprint, validTo, firstSeenAt, lastSeenAt }) => ({
      ...{ thumbprint, validTo: validTo.toISOString(), firstSeenAt: firstSeenAt.toISOString(), lastSeenAt: lastSeenAt.toISOString() },
    })),
    webhooks: webhooks.map((each) => ({ ...each, formerUntil: textOf(each.formerUntil) })),
    hasMore: Object.values(next).some((last) => last !== null),
    next,
  };
}

interface SeenClient {
  readonly party: PartyId;
  readonly clientId: string;
  readonly lastSeenAt: Date;
}

/** Pure. Clients that came for the system, and those of its vendor that have not come yet. */
function systemOf(
  { id, title, systemId, kind, vendorName, clientIds, createdAt }: SystemOf,
  seen: readonly SeenClient[],
): Keys['systems'][number] {
  const came = seen.filter(({ party }) => party === id);
  const yetToCome = clientIds.filter((clientId) => !came.some((each) => each.clientId === clientId));
  return {
    ...{ id, title, systemId, kind, vendorName, createdAt: createdAt.toISOString() },
    clients: [
      ...came.map(({ clientId, lastSeenAt }) => ({ clientId, lastSeenAt: lastSeenAt.toISOString() })),
      ...yetToCome.map((clientId) => ({ clientId, lastSeenAt: null })),
    ],
  };
}

function textOf(at: Date | null): string | null {
  return at?.toISOString() ?? null;
}
