import { encryptedAt, openRows } from '#kernel/contents.ts';
import { type Reader, type Sql, sql } from '#kernel/database.ts';
import type { Wording } from '../send/content-hash.ts';
import { placeIn } from './submission.ts';

/** All that a reader is shown of a submission beside its state. */
export interface StoredLetter {
  readonly submissionId: string;
  readonly sendersReference: string;
  readonly messageSender: string | null;
  readonly language: string;
  readonly title: string;
  readonly summary: string | null;
  readonly body: string;
  /** The same in other languages. */
  readonly translations: readonly Wording[];
  readonly allowForwarding: boolean;
  readonly propertyList: Readonly<Record<string, string>>;
  readonly replyOptions: readonly { readonly linkURL: string; readonly linkText: string | null }[];
  readonly notificationOrderId: string | null;
  readonly reminderOrderId: string | null;
}

const columns = sql`
  id as "submissionId", senders_reference as "sendersReference", message_sender as "messageSender", language, title, summary,
  allow_forwarding as "allowForwarding", property_list as "propertyList", reply_options as "replyOptions",
  notification_order_id as "notificationOrderId", reminder_order_id as "reminderOrderId",
  encrypted_summary as "encryptedSummary", encrypted_reply_options as "encryptedOptions"`;
const withBody = sql`
  ${columns}, body, encrypted_body as "encryptedBody", translations, encrypted_translations as "encryptedTranslations"`;
const withoutBody = sql`${columns}, '' as body, null as "encryptedBody", null as translations, null as "encryptedTranslations"`;

/** index: submission_pkey */
export async function findLetter(reader: Reader, submission: string): Promise<StoredLetter> {
  const row = await reader.one<Kept>(sql`select ${withBody} from correspondence.submission where id = ${submission}`);
  const [letter] = await opened(reader, [row]);
  return letter!;
}

/** index: submission_pkey */
export function listLetters(reader: Reader, submissions: readonly string[]): Promise<Map<string, StoredLetter>> {
  return listWith(withBody, reader, submissions);
}

/** All of a letter but its body and its translations, which a dialog never shows. index: submission_pkey */
export function listHeads(reader: Reader, submissions: readonly string[]): Promise<Map<string, StoredLetter>> {
  return listWith(withoutBody, reader, submissions);
}

async function listWith(wanted: Sql, reader: Reader, submissions: readonly string[]): Promise<Map<string, StoredLetter>> {
  if (submissions.length === 0) return new Map();
  const rows = await reader.all<Kept>(sql`select ${wanted} from correspondence.submission where id = any(${submissions}::uuid[])`);
  return new Map((await opened(reader, rows)).map((letter) => [letter.submissionId, letter]));
}

/** In which other languages each of these messages can be read. index: message_pkey, submission_pkey */
export async function listTranslatedTo(reader: Reader, messages: readonly string[]): Promise<Map<string, readonly string[]>> {
  if (messages.length === 0) return new Map();
  const rows = await reader.all<{ id: string; languages: string[] }>(sql`
    select m.id, s.translated_to as languages
      from correspondence.message m
      join correspondence.submission s on s.id = m.submission_id
     where m.id = any(${messages}::uuid[]) and s.translated_to is not null`);
  return new Map(rows.map(({ id, languages }) => [id, languages]));
}

interface Kept extends Omit<StoredLetter, 'translations'> {
  readonly translations: string | null;
  readonly encryptedTranslations: Buffer | null;
  readonly encryptedBody: Buffer | null;
  readonly encryptedSummary: Buffer | null;
  readonly encryptedOptions: Buffer | null;
}

function opened(reader: Reader, rows: readonly Kept[]): Promise<StoredLetter[]> {
  return openRows(
    reader,
    rows,
    ({ submissionId: id, encryptedBody, encryptedSummary, encryptedOptions, encryptedTranslations }) => [
      encryptedAt(encryptedBody, placeIn(id, 'body')),
      encryptedAt(encryptedSummary, placeIn(id, 'summary')),
      encryptedAt(encryptedOptions, placeIn(id, 'reply options')),
      encryptedAt(encryptedTranslations, placeIn(id, 'translations')),
    ],
    (
      { encryptedBody: _b, encryptedSummary: _s, encryptedOptions: _o, encryptedTranslations: _t, ...letter },
      [body, summary, options, translations],
    ) => ({
      ...letter,
      body: body ?? letter.body,
      summary: summary ?? letter.summary,
      replyOptions: options ? JSON.parse(options) : letter.replyOptions,
      translations: JSON.parse(translations ?? letter.translations ?? '[]'),
    }),
  );
}
