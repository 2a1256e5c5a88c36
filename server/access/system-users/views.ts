import type { Reader } from '#kernel/database.ts';
import { findParties } from '#register/index.ts';
import { shownPackage, shownRight } from '../system-register/register-system.ts';
import { findSystems } from '../system-register/store.ts';
import { agentsAmong, type SystemRequest, type SystemUserRow } from './store.ts';
import type { SystemRequestView, SystemUserView } from './wire.ts';

/** Requests as both sides see them. Where to approve is an operation of this server: the one that shows it to the organization. */
export async function requestViews(reader: Reader, rows: readonly SystemRequest[]): Promise<SystemRequestView[]> {
  const owners = await findParties(reader, [...new Set(rows.map(({ ownerId }) => ownerId))]);
  const changed = rows.flatMap(({ kind, systemUserId }) => (kind === 'change' && systemUserId ? [systemUserId] : []));
  const agents = await agentsAmong(reader, changed);
  return rows.map((row) => ({
    id: row.id,
    externalRef: row.externalRef,
    systemId: row.systemId,
    partyOrgNo: owners.get(row.ownerId)!.number!,
    rights: row.rights.map(shownRight),
    accessPackages: row.packages.map(shownPackage),
    ...(row.kind === 'change'
      ? { unwantedRights: row.unwantedRights.map(shownRight), unwantedAccessPackages: row.unwantedPackages.map(shownPackage) }
      : {}),
    status: row.status,
    userType: row.kind === 'agent' || (row.systemUserId && agents.has(row.systemUserId)) ? 'agent' : 'standard',
    redirectUrl: row.redirectUrl,
    integrationTitle: row.integrationTitle,
    confirmUrl: `/authentication/api/v1/systemuser/${row.kind === 'change' ? 'changerequest' : 'request'}/${row.ownerId}/${row.id}`,
    escalated: row.escalated,
    systemUserId: row.systemUserId,
    created: row.createdAt.toISOString(),
  }));
}

export async function systemUserViews(reader: Reader, rows: readonly SystemUserRow[]): Promise<SystemUserView[]> {
  const systems = await findSystems(reader, [...new Set(rows.map(({ systemId }) => systemId))]);
  const ids = [...rows.map(({ ownerId }) => ownerId), ...[...systems.values()].map(({ vendorId }) => vendorId)];
  const parties = await findParties(reader, [...new Set(ids)]);
  return rows.map((row) => {
    const vendor = parties.get(systems.get(row.systemId)?.vendorId ?? row.ownerId);
    const isRegistered = systems.has(row.systemId);
    return {
      id: row.id,
      integrationTitle: row.integrationTitle,
      systemId: row.systemId,
      partyId: row.ownerId,
      reporteeOrgNo: parties.get(row.ownerId)!.number!,
      supplierOrgNo: isRegistered ? (vendor?.number ?? null) : null,
      supplierName: isRegistered ? (vendor?.name ?? null) : null,
      externalRef: row.externalRef,
      systemUserType: row.kind,
      accessPackages: row.packages.map(shownPackage),
      created: row.createdAt.toISOString(),
    };
  });
}
