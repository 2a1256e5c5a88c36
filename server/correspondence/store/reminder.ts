import { type Reader, sql } from '#kernel/database.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import type { ConditionFacts } from '../reminders/notification-condition.ts';

/** Facts by message; ids that nobody has are left out. index: message_pkey */
export async function listConditions(reader: Reader, ids: readonly CorrespondenceId[]): Promise<Map<CorrespondenceId, ConditionFacts>> {
  const rows = await reader.all<ConditionFacts & { id: CorrespondenceId }>(sql`
    select m.id, m.state, m.published_at is not null as published, m.read_at is not null as read, m.opened_at is not null as opened,
           s.is_confirmation_needed and m.confirmed_at is null as "awaitsConfirmation"
      from correspondence.message m
      join correspondence.submission s on s.id = m.submission_id
     where m.id = any(${ids}::uuid[])`);
  return new Map(rows.map(({ id, ...facts }) => [id, facts]));
}
