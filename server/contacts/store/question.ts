import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';

/** Persons about whom the register has answered lately, or has not for so long that nobody waits for it. index: krr_question_pkey */
export async function listAnswered(reader: Reader, persons: readonly PartyId[]): Promise<PartyId[]> {
  const rows = await reader.all<{ id: PartyId }>(sql`
    select party_id as id from contacts.krr_question
     where party_id = any(${persons}::uuid[])
       and (answered_at > clock.now() - interval '12 hours' or wanted_at < clock.now() - interval '1 day')`);
  return rows.map(({ id }) => id);
}

/** They are to be asked about, now where nobody asks yet; when the answer should be there. In one order of locks. */
export async function wantAnswers(tx: Tx, persons: readonly PartyId[]): Promise<Map<PartyId, Date>> {
  if (persons.length === 0) return new Map();
  const rows = await tx.all<{ id: PartyId; until: Date }>(sql`
    insert into contacts.krr_question as q (party_id, due_at, wanted_at)
    select id, clock.now(), clock.now() from unnest(${[...persons].sort()}::uuid[]) as p (id)
    on conflict (party_id) do update
       set due_at = coalesce(q.due_at, excluded.due_at), wanted_at = coalesce(q.wanted_at, excluded.wanted_at),
           tries = case when q.wanted_at is null then 0 else q.tries end
    returning party_id as id, greatest(due_at, clock.now()) + interval '5 seconds' as until`);
  return new Map(rows.map(({ id, until }) => [id, until]));
}

/** Takes due questions; each is due again after its wait unless it is answered. index: krr_question_due */
export async function claimQuestions(
  tx: Tx,
  at: Date,
  { limit, waits }: { readonly limit: number; readonly waits: readonly number[] },
): Promise<PartyId[]> {
  const rows = await tx.all<{ id: PartyId }>(sql`
    with due as (
      select party_id from contacts.krr_question where due_at <= ${at} order by due_at limit ${limit} for update skip locked)
    update contacts.krr_question q
       set tries = q.tries + 1,
           due_at = ${at}::timestamptz + make_interval(secs => (${waits}::integer[])[least(q.tries + 1, ${waits.length})])
      from due where q.party_id = due.party_id
    returning q.party_id as id`);
  return rows.map(({ id }) => id);
}

export function noteTrouble(tx: Tx, persons: readonly PartyId[], trouble: string): void {
  if (persons.length === 0) return;
  tx.send(sql`update contacts.krr_question set trouble = ${trouble} where party_id = any(${persons}::uuid[])`);
}

export function saveAnswered(tx: Tx, persons: readonly PartyId[], at: Date): void {
  tx.send(sql`
    update contacts.krr_question set answered_at = ${at}, due_at = null, wanted_at = null, tries = 0, trouble = null
     where party_id = any(${persons}::uuid[])`);
}
