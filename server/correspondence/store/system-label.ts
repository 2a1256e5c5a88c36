import { type Reader, sql } from '#kernel/database.ts';
import type { MessageRow } from './message.ts';

export const systemLabels = { Default: 1, Bin: 2, Archive: 3, MarkedAsUnopened: 4, Sent: 5 } as const;

/**
 * Where readers have put the dialog in which a message stands. What came into the dialog since has taken it back to the inbox.
 * Source: compatibility.md, correspondence, §4.4, §4.10. index: context_pkey
 */
export async function findSystemLabel(
  reader: Reader,
  { id, transmissionOf }: Pick<MessageRow, 'id' | 'transmissionOf'>,
): Promise<keyof typeof systemLabels> {
  const row = await reader.maybe<{ folder: 'Default' | 'Bin' | 'Archive'; isMarkedUnopened: boolean }>(sql`
    select case when greatest(m.transmitted_at, m.published_at) > l.folder_at then 'Default' else l.folder end as folder,
           l.is_marked_unopened as "isMarkedUnopened"
      from dialogs.label_face l join correspondence.message m on m.id = l.message_id
     where l.message_id = ${transmissionOf ?? id}`);
  if (!row) return 'Default';
  return row.folder === 'Default' && row.isMarkedUnopened ? 'MarkedAsUnopened' : row.folder;
}
