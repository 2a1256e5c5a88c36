import { type Reader, sql } from '#kernel/database.ts';

/** All that a reader is shown of a submission beside its state. */
export interface StoredLetter {
  readonly submissionId: string;
  readonly sendersReference: string;
  readonly messageSender: string | null;
  readonly language: string;
  readonly title: string;
  readonly summary: string | null;
  readonly body: string;
  readonly allowForwarding: boolean;
  readonly propertyList: Readonly<Record<string, string>>;
  readonly replyOptions: readonly { readonly linkURL: string; readonly linkText: string | null }[];
  readonly notificationOrderId: string | null;
  readonly reminderOrderId: string | null;
}

const columns = sql`
  id as "submissionId", senders_reference as "sendersReference", message_sender as "messageSender", language, title, summary, body,
  allow_forwarding as "allowForwarding", property_list as "propertyList", reply_options as "replyOptions",
  notification_order_id as "notificationOrderId", reminder_order_id as "reminderOrderId"`;

/** index: submission_pkey */
export function findLetter(reader: Reader, submission: string): Promise<StoredLetter> {
  return reader.one<StoredLetter>(sql`select ${columns} from correspondence.submission where id = ${submission}`);
}

/** index: submission_pkey */
export async function listLetters(reader: Reader, submissions: readonly string[]): Promise<Map<string, StoredLetter>> {
  if (submissions.length === 0) return new Map();
  const rows = await reader.all<StoredLetter>(sql`select ${columns} from correspondence.submission where id = any(${submissions}::uuid[])`);
  return new Map(rows.map((row) => [row.submissionId, row]));
}
