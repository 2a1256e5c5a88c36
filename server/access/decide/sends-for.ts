import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { findParties, listPredecessors } from '#register/index.ts';
import { listOwned, listOwners } from '../store/resources.ts';
import { positionsOf } from '../store/roles.ts';
import { isTie, mayEach } from './may.ts';

/** `administrator`: of access there, who acts as the organization itself. `by policy`: somebody whom a policy lets send, with their own right and no more. */
export type SendsAs = 'administrator' | 'by policy';

/**
 * For which of these organizations a person acts as a sender, and how: those that own services, or stand in for one that is gone and did, where the person
 * administers access (there or at the main unit), or has the right to `write` on one of its services by something that ties the person to it. A policy
 * that lets anybody send makes nobody the sender. Six statements at most, whatever the number.
 */
export async function sendsFor(reader: Reader, person: Caller, organizations: readonly PartyId[]): Promise<Map<PartyId, SendsAs>> {
  const { subject } = person;
  if (subject === null) return new Map();
  const owners = (await listSenders(reader, organizations)).filter((id) => id !== subject);
  if (owners.length === 0) return new Map();
  const [positions, parties] = await Promise.all([positionsOf(reader, subject), findParties(reader, owners)]);
  const administered = new Set(positions.filter((at) => at.isMainAdministrator || at.isAccessManager).map(({ at }) => at));
  const administers = (id: PartyId) => {
    const parent = parties.get(id)?.parentId;
    return administered.has(id) || (parent != null && administered.has(parent));
  };
  const sends = new Map<PartyId, SendsAs>(owners.filter(administers).map((id) => [id, 'administrator']));
  const owned = await listOwned(
    reader,
    owners.filter((id) => !sends.has(id)),
  );
  const rights = await mayEach(
    reader,
    owned.map(({ id, ownerId }) => ({ caller: person, question: { action: 'write', resource: id, party: ownerId } })),
  );
  owned.forEach(({ ownerId }, i) => {
    const { permit, path } = rights[i]!;
    if (permit && isTie(path)) sends.set(ownerId, 'by policy');
  });
  return sends;
}

/** Those that own services, and those that stand in for one that did. */
async function listSenders(reader: Reader, organizations: readonly PartyId[]): Promise<PartyId[]> {
  const owners = await listOwners(reader, organizations);
  const predecessors = await listPredecessors(
    reader,
    organizations.filter((id) => !owners.has(id)),
  );
  const gone = await listOwners(
    reader,
    [...predecessors.values()].flat().map(({ id }) => id),
  );
  const heirs = [...predecessors].filter(([, those]) => those.some(({ id }) => gone.has(id)));
  return [...owners, ...heirs.map(([heir]) => heir)];
}
