import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';

/** A decision that somebody was given about others, as it is kept. Parties by their ids, ways to a right by codes. */
export interface AuditRow {
  readonly id: string;
  readonly at: Date;
  /** At whom. */
  readonly party: PartyId;
  /** Who wants to; null where nobody is known by the name. */
  readonly subject: PartyId | null;
  /** The organization whose system asked. */
  readonly askedBy: PartyId | null;
  readonly clientId: string | null;
  readonly resource: string;
  readonly instance: string | null;
  readonly action: string;
  readonly decision: 'Permit' | 'Deny' | 'NotApplicable' | 'Indeterminate';
  readonly path: readonly string[];
}

/** Joined writing. */
export function saveAudit(tx: Tx, rows: readonly AuditRow[]): void {
  if (rows.length === 0) return;
  tx.send(sql`
    insert into access.audit_entry (id, at, party_id, subject_id, asked_by, client_id, resource_id, instance, action, decision, path)
    select g.id, g.at, g.party, g.subject, g."askedBy", g."clientId", g.resource, g.instance, g.action, g.decision, g.path
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as g (id uuid, at timestamptz, party uuid, subject uuid, "askedBy" uuid,
           "clientId" text, resource text, instance text, action text, decision text, path text[])`);
}

/** What was decided at a party, newest first. index: audit_entry_party */
export function listAudit(reader: Reader, party: PartyId, before: string | null, limit: number): Promise<AuditRow[]> {
  return reader.all<AuditRow>(sql`
    select id, at, party_id as party, subject_id as subject, asked_by as "askedBy", client_id as "clientId", resource_id as resource,
           instance, action, decision, path
      from access.audit_entry
     where party_id = ${party} and (${before}::uuid is null or id < ${before}::uuid)
     order by id desc limit ${limit}`);
}
