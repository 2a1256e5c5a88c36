import { sql, type Tx } from '#kernel/database.ts';
import type { ResourceId } from '#kernel/ids.ts';

/** What a policy says beside its rules. */
export interface KeptPolicy {
  readonly id: ResourceId;
  /** As it came, or null for one that was not written as XACML. */
  readonly policyXml: string | null;
  readonly minLevelOrg: number | null;
}

/** Keeps what came as XACML beside the rules of resources that are stored already. Joined writing; what is the same stays untouched. */
export function savePolicyRows(tx: Tx, rows: readonly KeptPolicy[]): void {
  tx.send(sql`
    update access.resource r set policy_xml = g.xml, min_level_org = g.level
      from unnest(${rows.map((row) => row.id)}::text[], ${rows.map((row) => row.policyXml)}::text[],
                  ${rows.map((row) => row.minLevelOrg)}::smallint[]) as g (id, xml, level)
     where r.id = g.id and (r.policy_xml, r.min_level_org) is distinct from (g.xml, g.level)`);
}
