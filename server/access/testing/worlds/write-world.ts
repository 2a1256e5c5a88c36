import { sql, type Tx } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { type SaveParty, saveParties } from '#register/index.ts';
import { saveResources } from '../../seed/save-resources.ts';
import { endClientDelegations, saveClientDelegations } from '../../store/client-delegations.ts';
import { type SaveGrant, saveGrants } from '../../store/grants.ts';
import { saveAccessLists } from '../../store/lists.ts';
import { endRoleAssignments, saveRoleAssignments } from '../../store/roles.ts';
import type { Inhabitant } from '../reference.ts';
import { resourceRow, type Slot } from './slot.ts';
import { keyOfGrant, keyOfRole, type SmallWorld, type WorldGrant, type WorldPolicy } from './small-world.ts';

/** From one state of a slot to the next. */
export interface Change {
  readonly slot: Slot;
  readonly before: SmallWorld | undefined;
  /** Another world begins: its steps are other moments than those of the one before. */
  readonly anew?: boolean;
  readonly after: SmallWorld;
}

/** Writes what is another than before, by the functions that everybody writes with, for all slots at once. `momentOf`: when a step is. */
export function writeChanges(tx: Tx, changes: readonly Change[], momentOf: (step: number) => Date): void {
  saveParties(
    tx,
    changes.flatMap(({ before, after, slot }) => after.parties.filter((each, i) => differs(before?.parties[i], each)).flatMap(rowOf(slot))),
  );
  const roles = changes.map(({ before, after }) => difference(before?.roles ?? [], after.roles, keyOfRole));
  const delegations = changes.map(({ before, after }) => difference(before?.delegations ?? [], after.delegations, keyOf));
  const grants = changes.map(({ before, after, anew }) => difference((before?.grants ?? []).map(dated(anew)), after.grants, keyOf));
  endRoleAssignments(
    tx,
    roles.flatMap(({ gone }) => gone),
  );
  endClientDelegations(
    tx,
    // With an agent goes what it had as one, by the database's own hand.
    delegations.flatMap(({ gone }, i) =>
      gone.filter((row) => !roles[i]!.gone.some(({ role, holder, at }) => role === 'agent' && holder === row.agent && at === row.provider)),
    ),
  );
  const fresh = grants.flatMap((each) => each.fresh);
  const kept = new Set(fresh.map(keyOfGrant));
  revoke(
    tx,
    grants.flatMap((each) => each.gone).filter((grant) => !kept.has(keyOfGrant(grant))),
  );
  saveRoleAssignments(
    tx,
    roles.flatMap((each) => each.fresh),
  );
  saveGrants(
    tx,
    fresh.map((grant): SaveGrant => ({ ...grant, until: grant.until === null ? null : momentOf(grant.until).toISOString() })),
  );
  saveClientDelegations(
    tx,
    delegations.flatMap((each) => each.fresh),
  );
  writeLists(tx, changes);
  writePolicies(tx, changes);
}

/** No end of another world is the same end. */
const dated =
  (anew = false) =>
  (grant: WorldGrant): WorldGrant =>
    anew && grant.until !== null ? { ...grant, until: -1 } : grant;

const keyOf = (row: unknown) => JSON.stringify(row);
const differs = (a: unknown, b: unknown) => keyOf(a) !== keyOf(b);

function difference<T>(before: readonly T[], after: readonly T[], key: (row: T) => string): { gone: T[]; fresh: T[] } {
  const [had, has] = [new Set(before.map(key)), new Set(after.map(key))];
  return { gone: before.filter((row) => !has.has(key(row))), fresh: after.filter((row) => !had.has(key(row))) };
}

function rowOf(slot: Slot): (party: Inhabitant) => SaveParty[] {
  const numberOf = (id: PartyId | null) => (id === null ? null : slot.numberOf(id));
  return ({ id, kind, number, alive, successor, parent, unitType }) => {
    if (kind === 'system-user') return [];
    const common = { kind, number, name: id };
    if (kind === 'person') return [{ ...common, diedOn: alive ? null : '2026-01-01' }];
    const deletedAt = alive ? null : '2026-01-01T00:00:00Z';
    return [{ ...common, unitType, deletedAt, parentNumber: numberOf(parent), successorNumber: numberOf(successor) }];
  };
}

/** Half of them are marked, as people do; the others vanish. */
function revoke(tx: Tx, grants: readonly WorldGrant[]): void {
  if (grants.length === 0) return;
  const given = JSON.stringify(grants.map((grant, i) => ({ ...grant, marked: i % 2 === 0 })));
  const rows = sql`jsonb_to_recordset(${given}::jsonb) as r (at uuid, "to" uuid, package text, resource text, instance uuid, marked boolean)`;
  const same = sql`g.from_id = r.at and g.to_id = r."to" and g.package is not distinct from r.package
               and g.resource_id is not distinct from r.resource and g.instance is not distinct from r.instance and g.revoked_at is null`;
  tx.send(sql`update access.access_grant g set revoked_at = clock.now() from ${rows} where ${same} and r.marked`);
  tx.send(sql`delete from access.access_grant g using ${rows} where ${same} and not r.marked`);
}

function writeLists(tx: Tx, changes: readonly Change[]): void {
  saveAccessLists(
    tx,
    changes.flatMap(({ slot, before, after }) =>
      slot.lists.flatMap((id, i) => {
        const members = [...new Set(after.members[i])];
        return differs(before?.members[i], after.members[i]) ? [{ id, owner: slot.owner, members }] : [];
      }),
    ),
  );
}

function writePolicies(tx: Tx, changes: readonly Change[]): void {
  const policies = changes.flatMap(({ slot, before, after }) => [
    { slot, id: slot.message, before: before?.message, after: after.message },
    { slot, id: slot.attachment, before: before?.attachment, after: after.attachment },
  ]);
  const changed = policies.filter(({ before, after }) => differs(before, after));
  saveResources(
    tx,
    changed.map(({ slot, id, after }) =>
      resourceRow(id, slot.owner, { rules: after.rules, accessList: after.named ? slot.lists[0] : null }),
    ),
  );
  writeConnections(tx, changed);
}

function writeConnections(tx: Tx, changed: readonly { slot: Slot; id: ResourceId; after: WorldPolicy }[]): void {
  if (changed.length === 0) return;
  const rows = changed.map(({ slot, id, after }) => ({
    ...{ id, list: slot.lists[1], enabled: after.listsEnabled, connected: after.connected !== undefined },
    actions: after.connected ?? null,
  }));
  const given = sql`jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as g (id text, list text, enabled boolean, connected boolean, actions text[])`;
  tx.send(sql`
    update access.resource r set lists_enabled = g.enabled from ${given} where r.id = g.id and r.lists_enabled <> g.enabled`);
  tx.send(
    sql`delete from access.access_list_resource c using ${given} where c.resource_id = g.id and c.list_id = g.list and not g.connected`,
  );
  tx.send(sql`
    insert into access.access_list_resource as c (list_id, resource_id, action_filters)
    select g.list, g.id, g.actions from ${given} where g.connected
    on conflict (list_id, resource_id) do update set action_filters = excluded.action_filters
     where c.action_filters is distinct from excluded.action_filters`);
}
