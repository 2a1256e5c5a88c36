import { type Reader, sql } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';

/** index: message_pkey */
export function findMessage(
  reader: Reader,
  id: string,
): Promise<{ readonly recipient: PartyId; readonly resource: ResourceId } | undefined> {
  return reader.maybe(sql`select recipient_id as recipient, resource_id as resource from correspondence.accepted_message where id = ${id}`);
}
