import { type Reader, type Sql, sql, type Tx } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';

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
  /** Somebody tried it itself and was refused; else a system asked. */
  readonly isAttempt?: boolean;
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

const columns: Sql = sql`
  id, at, party_id as party, subject_id as subject, asked_by as "askedBy", client_id as "clientId", resource_id as resource, instance,
  action, decision, path, refused_in is not null as "isAttempt"`;

/** Which entries are asked for. */
export interface AuditWanted {
  /** The id of the last one seen. */
  readonly before: string | null;
  readonly limit: number;
  readonly kind: 'decision' | 'attempt' | null;
  readonly resource: string | null;
  readonly instance: string | null;
  readonly from: Date | null;
  readonly to: Date | null;
}

/** What was decided and refused at a party, newest first. index: audit_entry_party */
export function listAudit(reader: Reader, party: PartyId, wanted: AuditWanted): Promise<AuditRow[]> {
  const { before, limit, kind, resource, instance, from, to } = wanted;
  return reader.all<AuditRow>(sql`
    select ${columns}
      from access.audit_entry
     where party_id = ${party} and (${before}::uuid is null or id < ${before}::uuid)
       and (${kind}::text is null or (refused_in is not null) = (${kind}::text = 'attempt'))
       and (${resource}::text is null or resource_id = ${resource}) and (${instance}::text is null or instance = ${instance})
       and (${from}::timestamptz is null or at >= ${from}) and (${to}::timestamptz is null or at < ${to})
     order by id desc limit ${limit}`);
}

/** The refused attempts at a message, oldest first. index: audit_entry_attempts */
export function listAttempts(reader: Reader, message: string, after: string | null, limit: number): Promise<AuditRow[]> {
  return reader.all<AuditRow>(sql`
    select ${columns} from access.audit_entry
     where refused_in is not null and instance = ${message} and (${after}::uuid is null or id > ${after}::uuid)
     order by id limit ${limit}`);
}

/** A refused attempt, as it is kept. */
export type AttemptRow = Pick<AuditRow, 'id' | 'at' | 'subject' | 'askedBy' | 'clientId' | 'action'> & {
  readonly party: PartyId;
  readonly resource: ResourceId;
  readonly thing: string;
  readonly hour: Date;
};

/** Notes refused attempts, once an hour for whoever it is, thing and act. Joined writing. index: audit_entry_refused */
export function saveAttempts(tx: Tx, rows: readonly AttemptRow[]): void {
  if (rows.length === 0) return;
  tx.send(sql`
    insert into access.audit_entry (id, at, party_id, subject_id, asked_by, client_id, resource_id, instance, action, decision, path, refused_in)
    select g.id, g.at, g.party, g.subject, g."askedBy", g."clientId", g.resource, g.thing, g.action, 'Deny', '{}', g.hour
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as g (id uuid, at timestamptz, party uuid, subject uuid, "askedBy" uuid,
           "clientId" text, resource text, thing text, action text, hour timestamptz)
    on conflict do nothing`);
}
