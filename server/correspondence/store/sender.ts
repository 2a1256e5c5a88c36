import { type Reader, sql } from '#kernel/database.ts';
import type { AttachmentId, PartyId } from '#kernel/ids.ts';

/** The systems of these organizations, also those that have ended. index: party_parent */
export async function listSystemsOf(reader: Reader, organizations: readonly PartyId[]): Promise<Map<PartyId, PartyId[]>> {
  if (organizations.length === 0) return new Map();
  const rows = await reader.all<{ id: PartyId; organization: PartyId }>(sql`
    select id, parent_id as organization
      from register.party_face
     where parent_id = any(${organizations}::uuid[]) and kind = 'system-user'`);
  return new Map(
    [...Map.groupBy(rows, (row) => row.organization)].map(([organization, systems]) => [organization, systems.map(({ id }) => id)]),
  );
}

/** Who announced these attachments, as their history has it. index: attachment_status_attachment */
export async function listCreators(reader: Reader, attachments: readonly AttachmentId[]): Promise<Map<AttachmentId, PartyId>> {
  if (attachments.length === 0) return new Map();
  const rows = await reader.all<{ id: AttachmentId; party: PartyId }>(sql`
    select distinct on (attachment_id) attachment_id as id, party_id as party
      from correspondence.attachment_status
     where attachment_id = any(${attachments}::uuid[]) and status = 'Initialized' and party_id is not null
     order by attachment_id, at, id`);
  return new Map(rows.map(({ id, party }) => [id, party]));
}
