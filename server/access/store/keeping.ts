import { type Reader, sql } from '#kernel/database.ts';
import type { ResourceId } from '#kernel/ids.ts';

/** For how many days unread bytes outlive their time, where the document of a resource says so; the rest are left out. index: resource_pkey */
export async function findKeepUnreadDays(reader: Reader, resources: readonly ResourceId[]): Promise<Map<ResourceId, number>> {
  const rows = await reader.all<{ id: ResourceId; days: number }>(sql`
    select id, (document #>> '{budstikke,keepUnreadDays}')::integer as days
      from access.resource
     where id = any(${resources}::text[]) and document #> '{budstikke,keepUnreadDays}' is not null`);
  return new Map(rows.map(({ id, days }) => [id, days]));
}
