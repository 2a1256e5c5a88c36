import { listSystemsThatActFor, type SystemOf } from '#access/index.ts';
import { listCertificatesOf, listClientsOf, listSeenClients } from '#identity/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { ownSecrets } from '#subscriptions/index.ts';
import { ownerSeenBy } from '#watch/index.ts';
import { keysErrors as e } from './errors.ts';
import type { Keys } from './wire.ts';

/** Of each kind. An organization with more has them where they are made, and is told that there are more. */
const most = 200;

/**
 * By which keys something can be done for an organization, or was: its own clients, the systems that may act for it, its certificates,
 * and the webhooks that sign what they bring. Nothing secret is among it. Only for who speaks for the organization as a whole.
 *
 * Refuses notForTheWhole.
 */
export async function showKeys({ db }: Context, caller: Caller): Promise<Keys> {
  const organization = ownerSeenBy(caller, 'change');
  if (organization === null) throw refuse(e.notForTheWhole);
  const [clients, systems, certificates, webhooks] = await Promise.all([
    listClientsOf(db, organization, most + 1),
    listSystemsThatActFor(db, organization, most + 1),
    listCertificatesOf(db, organization, most + 1),
    ownSecrets(db, caller),
  ]);
  const shown = systems.slice(0, most);
  const seen = await listSeenClients(
    db,
    shown.map(({ id }) => id),
    most * 10,
  );
  return {
    clients: clients.slice(0, most).map((each) => ({ ...each, scopes: [...each.scopes], lastSeenAt: textOf(each.lastSeenAt) })),
    systems: shown.map((system) => systemOf(system, seen)),
    certificates: certificates.slice(0, most).map(({ thumbprint, validTo, firstSeenAt, lastSeenAt }) => ({
      ...{ thumbprint, validTo: validTo.toISOString(), firstSeenAt: firstSeenAt.toISOString(), lastSeenAt: lastSeenAt.toISOString() },
    })),
    webhooks: webhooks.map((each) => ({ ...each, formerUntil: textOf(each.formerUntil) })),
    hasMore: [clients, systems, certificates].some(({ length }) => length > most),
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
