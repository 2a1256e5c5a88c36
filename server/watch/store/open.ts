import { type Sql, sql } from '#kernel/database.ts';

/**
 * That a watch is open which is looked up by its key. Said so that no index of open watches alone fits it: a plan that was made and kept
 * while there were few of them would walk past all that are open now, to find one.
 */
export const isOpen: Sql = sql`num_nulls(i.settled_at) = 1`;

/** The same for a select: one row of `keys` (k) after the other, whatever the planner takes the sizes for. */
export const openByKey: Sql = sql`
  cross join lateral (select i.* from watch.item i where i.about = k.about and i.party_id = k.party_id and ${isOpen} offset 0) i`;

/** A file whose time is over, while somebody had not fetched it: its bytes stay for its sender's decision, and nobody is handed them. */
export const isOverFile: Sql = sql`(i.is_file and i.bytes_until is not null)`;

/**
 * A letter that its sender lets lie unread, while nobody at the recipient could open it, or an attachment of it: it is there yet, and is opened as
 * soon as somebody who can has been let in. -- index: item_let_lie
 */
export const isLetLie: Sql = sql`(i.let_lie and i.ended_since is null and (i.opened_at is null or i.attachment_locked))`;
