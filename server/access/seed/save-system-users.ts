import type { Tx } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { saveParties } from '#register/index.ts';
import { endOtherGrants, saveGrants } from '../store/grants.ts';
import { saveTownSystemUsers } from '../system-users/store.ts';

/** A system that acts for an organization with the rights it was given and no others. */
export interface SystemUser {
  readonly id: PartyId;
  /** The system's name. */
  readonly system: string;
  readonly owner: PartyId;
  readonly rights: readonly SystemUserRight[];
}

export type SystemUserRight = { readonly resource: ResourceId; readonly actions: readonly string[] } | { readonly package: string };

/** Stores system users as parties, with their owner's grants to them; the rights replace those they had. Joined writing. */
export function saveSystemUsers(tx: Tx, rows: readonly SystemUser[]): void {
  if (rows.length === 0) return;
  saveParties(
    tx,
    rows.map((row) => ({ id: row.id, kind: 'system-user', number: null, name: row.system, parentId: row.owner })),
  );
  saveTownSystemUsers(tx, rows);
  endOtherGrants(
    tx,
    rows.map(({ id, owner, rights }) => ({
      owner,
      to: id,
      resources: rights.map((right) => ('package' in right ? `package:${right.package}` : right.resource)),
    })),
  );
  saveGrants(
    tx,
    rows.flatMap(({ id, owner, rights }) => rights.map((right) => ({ at: owner, to: id, ...right }))),
  );
}
