import { column } from '#kernel/columns.ts';
import { keepText } from '#kernel/contents.ts';
import { type Reader, sql, type Tx } from '#kernel/database.ts';
import { type CorrespondenceId, newId, type PartyId } from '#kernel/ids.ts';
import type { MessageState, MessageStatus } from '../states.ts';
import { type MessageRow, type OwnWords, placeOfFields } from './message.ts';
import type { SubmissionRow } from './submission.ts';

/** What messages of one submission do not share. */
export interface AlikeMessages {
  readonly ids: readonly CorrespondenceId[];
  readonly recipients: readonly string[];
  /** Null where the letter greets nobody. */
  readonly personalNames: readonly (string | null)[] | null;
  /** Null where no message says anything of its own. */
  readonly own: readonly (OwnWords | null)[] | null;
}

/** The database refuses a message without a watch: begin those first. */
export function saveAlikeMessages(
  tx: Tx,
  row: SubmissionRow,
  { state, publishedAt }: { readonly state: MessageState; readonly publishedAt: MessageRow['publishedAt'] },
  { ids, recipients, personalNames, own }: AlikeMessages,
): void {
  const kept = own?.map((each, i) => keptOwn(tx, ids[i]!, each)) ?? [];
  tx.send(sql`
    insert into correspondence.message
           (id, submission_id, resource_id, owner_id, recipient_id, requested_publish_at, state, published_at, personal_name, own,
            encrypted_fields)
    select r.id, ${row.id}::uuid, ${row.resourceId}, ${row.ownerId}::uuid, r.recipient, ${row.requestedPublishAt}::timestamptz, ${state},
           ${publishedAt}::timestamptz, r.name, r.own, r.fields
      from unnest(${column(ids)}::uuid[], ${column(recipients)}::uuid[], ${personalNames ?? []}::text[], ${kept.map((each) => each.own)}::jsonb[],
                  ${kept.map((each) => each.fields)}::bytea[]) as r (id, recipient, name, own, fields)`);
}

function keptOwn(tx: Tx, message: string, own: OwnWords | null): { readonly own: string | null; readonly fields: string | null } {
  if (own === null) return { own, fields: null };
  const { fields, ...rest } = own;
  const { encrypted } = keepText(tx, fields === undefined ? null : JSON.stringify(fields), placeOfFields(message));
  return encrypted === null ? { own: JSON.stringify(own), fields: null } : { own: JSON.stringify(rest), fields: encrypted };
}

/** The same line in the history of each message. The database refuses a change of state without evidence: record that first. */
export function saveAlikeStatuses(
  tx: Tx,
  messages: readonly CorrespondenceId[],
  { status, at, party }: { readonly status: MessageStatus; readonly at: Date; readonly party: PartyId | null },
): void {
  tx.send(sql`
    insert into correspondence.status (id, message_id, status, text, at, party_id)
    select r.id, r.message, ${status}, ${status}, ${at}::timestamptz, ${party}::uuid
      from unnest(${column(messages.map(() => newId()))}::uuid[], ${column(messages)}::uuid[]) as r (id, message)`);
}

/** How many messages of these submissions have been published. index: message_submission */
export async function countPublished(reader: Reader, submissions: readonly string[]): Promise<number> {
  const { n } = await reader.one<{ n: number }>(sql`
    select count(*)::integer as n
      from correspondence.message
     where submission_id = any(${submissions}::uuid[]) and published_at is not null`);
  return n;
}
