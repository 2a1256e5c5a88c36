import { encryptedAt, openRows } from '#kernel/contents.ts';
import { prepared, type Reader, type Sql, sql, type Tx } from '#kernel/database.ts';
import type { CorrespondenceId, PartyId, ResourceId } from '#kernel/ids.ts';
import type { MessageState } from '../states.ts';

export interface MessageRow {
  readonly id: CorrespondenceId;
  readonly submissionId: string;
  readonly resourceId: ResourceId;
  readonly ownerId: PartyId;
  readonly recipientId: PartyId;
  readonly requestedPublishAt: Date;
  readonly state: MessageState;
  readonly publishedAt: Date | null;
  /** The recipient's name as the letter greets it, where it does. */
  readonly personalName: string | null;
  /** The message in whose dialog this one stands. */
  readonly transmissionOf: CorrespondenceId | null;
}

/** What a message says of its own where its submission speaks to many: each takes the place of the submission's. */
export interface OwnWords {
  readonly sendersReference?: string;
  readonly externalReferences?: readonly { readonly referenceType: string; readonly referenceValue: string }[];
  readonly propertyList?: Readonly<Record<string, string>>;
  /** Stand in the letter where it says `{{name}}`. */
  readonly fields?: Readonly<Record<string, string>>;
}

/** The database refuses a message without a watch: begin those first. */
export function saveMessages(tx: Tx, rows: readonly MessageRow[]): void {
  if (rows.length === 0) return;
  tx.send(
    prepared(sql`
    insert into correspondence.message
           (id, submission_id, resource_id, owner_id, recipient_id, requested_publish_at, state, published_at, personal_name, transmission_of)
    select * from unnest(${rows.map((r) => r.id)}::uuid[], ${rows.map((r) => r.submissionId)}::uuid[], ${rows.map((r) => r.resourceId)}::text[],
                         ${rows.map((r) => r.ownerId)}::uuid[], ${rows.map((r) => r.recipientId)}::uuid[],
                         ${rows.map((r) => r.requestedPublishAt)}::timestamptz[], ${rows.map((r) => r.state)}::text[],
                         ${rows.map((r) => r.publishedAt)}::timestamptz[], ${rows.map((r) => r.personalName)}::text[],
                         ${rows.map((r) => r.transmissionOf)}::uuid[])`),
  );
}

/** A message with what its submission says of it: enough to decide every move. */
export interface Message extends MessageRow {
  readonly fetchedAt: Date | null;
  readonly openedAt: Date | null;
  /** A system has fetched it, and its service demands a person. */
  readonly awaitsPerson: boolean;
  readonly readAt: Date | null;
  readonly confirmedAt: Date | null;
  readonly purgedAt: Date | null;
  readonly createdAt: Date;
  /** Who sent it in the owner's name, or the owner itself. */
  readonly createdBy: PartyId;
  readonly dueAt: Date | null;
  readonly isConfirmationNeeded: boolean;
  readonly isConfidential: boolean;
  readonly ignoreReservation: boolean;
  readonly contentSha256: string;
  readonly own: OwnWords | null;
  readonly externalReferences: readonly { readonly referenceType: string; readonly referenceValue: string }[];
}

const columns = sql`
  m.id, m.submission_id as "submissionId", m.resource_id as "resourceId", m.owner_id as "ownerId", m.recipient_id as "recipientId",
  m.requested_publish_at as "requestedPublishAt", m.state, m.published_at as "publishedAt", m.personal_name as "personalName",
  m.transmission_of as "transmissionOf",
  m.fetched_at as "fetchedAt", m.opened_at as "openedAt", m.awaits_person as "awaitsPerson", m.read_at as "readAt", m.confirmed_at as "confirmedAt", m.purged_at as "purgedAt",
  s.created_at as "createdAt", s.created_by as "createdBy", s.due_at as "dueAt", s.is_confirmation_needed as "isConfirmationNeeded",
  s.is_confidential as "isConfidential", s.ignore_reservation as "ignoreReservation", s.content_sha256 as "contentSha256",
  m.own, coalesce(m.own -> 'externalReferences', s.external_references) as "externalReferences", m.encrypted_fields as "encryptedFields"`;

/** Where a message's fields are kept: what they are encrypted for. */
export const placeOfFields = (message: string): string => `fields of message ${message}`;

/** Own words with fields that were kept apart, encrypted. */
export interface KeptOwn {
  readonly id: CorrespondenceId;
  readonly own: OwnWords | null;
  readonly encryptedFields: Buffer | null;
}

/** Rows with their fields where they belong. */
export function withFields<R extends KeptOwn>(reader: Reader, rows: readonly R[]): Promise<Omit<R, 'encryptedFields'>[]> {
  return openRows(
    reader,
    rows,
    ({ id, encryptedFields }) => [encryptedAt(encryptedFields, placeOfFields(id))],
    ({ encryptedFields: _, ...row }, [fields]) => (fields ? { ...row, own: { ...row.own, fields: JSON.parse(fields) } } : row),
  );
}

async function select(reader: Reader, where: Sql): Promise<Message[]> {
  const rows = await reader.all<Message & KeptOwn>(sql`
    select ${columns}
      from correspondence.message m
      join correspondence.submission s on s.id = m.submission_id
     where ${where}`);
  return withFields(reader, rows);
}

/** index: message_pkey */
export async function findMessage(reader: Reader, id: CorrespondenceId): Promise<Message | undefined> {
  return (await select(reader, sql`m.id = ${id}`))[0];
}

/**
 * The message. Other writers wait until the transaction ends. Two statements on purpose: the second takes a fresh
 * snapshot after the lock is held.
 */
export async function lockMessage(tx: Tx, id: CorrespondenceId): Promise<Message | undefined> {
  const [locked, message] = await Promise.all([
    tx.maybe(sql`select id from correspondence.message where id = ${id} for update`),
    findMessage(tx, id), // sent behind it, and read when it is locked
  ]);
  return locked ? message : undefined;
}

export interface LockedMessages {
  readonly messages: ReadonlyMap<CorrespondenceId, Message>;
  /** Somebody else has it. */
  isHeld(id: CorrespondenceId): boolean;
}

/** The same of several, in the order of their ids. What others hold is left to them, unless it `waits`. index: message_pkey */
export async function lockMessages(
  tx: Tx,
  ids: readonly CorrespondenceId[],
  { waits }: { readonly waits: boolean },
): Promise<LockedMessages> {
  const [locked, found] = await Promise.all([
    tx.all<{ id: CorrespondenceId }>(sql`
      select id from correspondence.message where id = any(${ids}::uuid[]) order by id for update ${waits ? sql`` : sql`skip locked`}`),
    listMessages(tx, ids), // sent behind it, and read when they are locked
  ]);
  const ours = new Set(locked.map(({ id }) => id));
  const others = new Set(found.flatMap(({ id }) => (ours.has(id) ? [] : [id])));
  return { messages: new Map(found.filter(({ id }) => ours.has(id)).map((one) => [one.id, one])), isHeld: (id) => others.has(id) };
}

/** Resource and owner of messages; ids that nobody has are left out. index: message_pkey */
export async function listThings(
  reader: Reader,
  ids: readonly CorrespondenceId[],
): Promise<Map<CorrespondenceId, Pick<MessageRow, 'id' | 'resourceId' | 'ownerId'>>> {
  const rows = await reader.all<Pick<MessageRow, 'id' | 'resourceId' | 'ownerId'>>(sql`
    select id, resource_id as "resourceId", owner_id as "ownerId" from correspondence.message where id = any(${ids}::uuid[])`);
  return new Map(rows.map((row) => [row.id, row]));
}

/** In the order of their ids. index: message_pkey */
export function listMessages(reader: Reader, ids: readonly CorrespondenceId[]): Promise<Message[]> {
  return select(reader, sql`m.id = any(${ids}::uuid[]) order by m.id`);
}

/**
 * Complete messages whose time has come, oldest first. What another worker holds is left to it.
 * index: message_unpublished
 */
export async function lockDueMessages(tx: Tx, limit: number): Promise<Message[]> {
  const rows = await tx.all<{ id: CorrespondenceId }>(sql`
    select id
      from correspondence.message
     where state = 'ReadyForPublish' and requested_publish_at <= clock.now()
     order by requested_publish_at
     limit ${limit}
       for update skip locked`);
  return rows.length === 0
    ? []
    : listMessages(
        tx,
        rows.map((r) => r.id),
      );
}

/** The messages of these submissions that are not published yet, in the order of their ids. index: message_submission */
export async function lockUnpublishedOf(tx: Tx, submissions: readonly string[]): Promise<Message[]> {
  const rows = await tx.all<{ id: CorrespondenceId }>(sql`
    select id
      from correspondence.message
     where submission_id = any(${submissions}::uuid[]) and state in ('Initialized', 'ReadyForPublish')
     order by id
       for update`);
  return rows.length === 0
    ? []
    : listMessages(
        tx,
        rows.map((r) => r.id),
      );
}

/** When the next message is due to be published, if any waits. index: message_unpublished */
export async function findNextPublishTime(reader: Reader): Promise<Date | null> {
  const row = await reader.maybe<{ at: Date }>(sql`
    select requested_publish_at as at
      from correspondence.message
     where state = 'ReadyForPublish'
     order by requested_publish_at
     limit 1`);
  return row?.at ?? null;
}

/** A move of a message: its new state, and the times that it sets. A time that is set already stays. */
export interface MessageMove {
  readonly id: CorrespondenceId;
  readonly state: MessageState;
  readonly publishedAt?: Date;
  readonly fetchedAt?: Date;
  readonly openedAt?: Date;
  readonly readAt?: Date;
  readonly confirmedAt?: Date;
  readonly purgedAt?: Date;
  /** A system does it, and a person must open the message all the same. */
  readonly awaitsPerson?: boolean;
  /** What has become of an answer with its body. Broken off, and none other on its way or taken: it is not opened. */
  readonly answer?: 'out' | 'taken' | 'broken';
}

/** For messages that the transaction has locked. The database refuses a new state without evidence and history: write those first. */
export function saveMoves(tx: Tx, moves: readonly MessageMove[]): void {
  if (moves.length === 0) return;
  const timesOf = (what: Exclude<keyof MessageMove, 'id' | 'state' | 'answer' | 'awaitsPerson'>) => moves.map((move) => move[what] ?? null);
  tx.send(sql`
    update correspondence.message m
       set state = r.state,
           published_at = coalesce(m.published_at, r."publishedAt"), fetched_at = coalesce(m.fetched_at, r."fetchedAt"),
           opened_at = case when r.answer = 'broken' and m.answers_out = 1 then null else coalesce(m.opened_at, r."openedAt") end,
           answers_out = case r.answer when 'out' then m.answers_out + (m.opened_at is null or m.answers_out > 0)::integer
                                       when 'taken' then 0
                                       when 'broken' then greatest(0, m.answers_out - 1)
                                       else m.answers_out end,
           read_at = coalesce(m.read_at, r."readAt"),
           awaits_person = m.awaits_person or r."awaitsPerson",
           confirmed_at = coalesce(m.confirmed_at, r."confirmedAt"), purged_at = coalesce(m.purged_at, r."purgedAt")
      from unnest(${moves.map((m) => m.id)}::uuid[], ${moves.map((m) => m.state)}::text[], ${timesOf('publishedAt')}::timestamptz[],
                  ${timesOf('fetchedAt')}::timestamptz[], ${timesOf('openedAt')}::timestamptz[], ${timesOf('readAt')}::timestamptz[],
                  ${timesOf('confirmedAt')}::timestamptz[], ${timesOf('purgedAt')}::timestamptz[], ${moves.map((m) => m.answer ?? null)}::text[],
                  ${moves.map((m) => m.awaitsPerson ?? false)}::boolean[])
           as r (id, state, "publishedAt", "fetchedAt", "openedAt", "readAt", "confirmedAt", "purgedAt", answer, "awaitsPerson")
     where m.id = r.id`);
}
