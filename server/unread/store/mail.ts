import { type Reader, sql, type Tx } from '#kernel/database.ts';

export interface MailRow {
  readonly id: string;
  readonly address: string;
  readonly subject: string;
  readonly body: string;
  readonly file: { readonly name: string; readonly text: string } | null;
  readonly at: Date;
  /** Which extract it brings. */
  readonly extract?: string;
}

export interface DueMail extends Omit<MailRow, 'at' | 'extract'> {
  readonly attempts: number;
}

export function saveMails(tx: Tx, rows: readonly MailRow[]): void {
  if (rows.length === 0) return;
  tx.send(sql`
    insert into unread.mail (id, address, subject, body, file_name, file_text, due_at, changed_at, extract_id)
    select r.id, r.address, r.subject, r.body, r.file ->> 'name', r.file ->> 'text', r.at, r.at, r.extract
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(id uuid, address text, subject text, body text, file jsonb, at timestamptz, extract uuid)`);
}

/** Takes the mail that has been due for longest, and puts it off for as long as an attempt may take: of one that breaks off the next is made then. -- index: mail_due */
export function claimMail(tx: Tx, now: Date, until: Date): Promise<DueMail | undefined> {
  return tx.maybe<DueMail>(sql`
    update unread.mail m set due_at = ${until}, attempts = m.attempts + 1, changed_at = ${now}
     where m.id in (select d.id from unread.mail d where d.state = 'due' and d.due_at <= ${now} order by d.due_at limit 1 for update skip locked)
    returning m.id, m.address, m.subject, m.body, m.attempts,
              case when m.file_name is null then null else jsonb_build_object('name', m.file_name, 'text', m.file_text) end as file`);
}

/**
 * What became of an attempt. One that another worker has taken up since counts only when it was handed over, and what is over stays so; what is over keeps neither the words
 * nor the file.
 */
export function saveMailResult(
  tx: Tx,
  result: {
    readonly id: string;
    readonly attempt: number;
    readonly state: 'due' | 'handed-over' | 'failed';
    readonly answer: string;
    readonly dueAt: Date;
    readonly at: Date;
  },
): void {
  tx.send(sql`
    update unread.mail m
       set state = ${result.state}, answer = ${result.answer}, due_at = ${result.dueAt}, changed_at = ${result.at},
           body = case when ${result.state} = 'due' then m.body else '' end,
           file_name = case when ${result.state} = 'due' then m.file_name end, file_text = case when ${result.state} = 'due' then m.file_text end
     where m.id = ${result.id} and m.state = 'due' and (m.attempts = ${result.attempt} or ${result.state} = 'handed-over')`);
}

/**
 * Mails that a server had taken and that have come back, also where they did so before it was noted that they were taken; what is over otherwise,
 * or is nobody's, is passed over. Says how many. -- index: the primary key
 */
export function saveComeBack(tx: Tx, rows: readonly { readonly id: string; readonly answer: string | null }[], at: Date): Promise<number> {
  return tx.run(sql`
    update unread.mail m
       set state = 'failed', answer = coalesce(r.answer, m.answer), changed_at = ${at}, body = '', file_name = null, file_text = null
      from json_to_recordset(${JSON.stringify(rows)}) as r(id uuid, answer text)
     where m.id = r.id and (m.state = 'handed-over' or m.state = 'due' and m.attempts > 0)`);
}

/** -- index: mail_due */
export async function oldestDueMail(reader: Reader): Promise<Date | null> {
  const row = await reader.maybe<{ at: Date }>(sql`select due_at as at from unread.mail where state = 'due' order by due_at limit 1`);
  return row?.at ?? null;
}
