import { type Reader, type Sql, sql } from '#kernel/database.ts';
import type { CorrespondenceId, PartyId, ResourceId } from '#kernel/ids.ts';
import type { MessageState } from '../states.ts';
import { type OwnWords, withFields } from './message.ts';

export interface SentWanted {
  readonly owner: PartyId;
  readonly resources: readonly ResourceId[];
  /** What these have sent in resources of others, beside it. */
  readonly forAnother?: { readonly senders: readonly PartyId[]; readonly resources: readonly ResourceId[] } | null;
  readonly recipient: PartyId | null;
  /** To be found in the recipient's name, the sender's reference or the title; never in the title of what is confidential. */
  readonly text: string | null;
  readonly narrow?: SentNarrow | undefined;
  /** The last message that was looked at. */
  readonly after: CorrespondenceId | null;
  readonly limit: number;
}

/** What else a message must be to be among them. */
export interface SentNarrow {
  readonly ids?: readonly string[] | undefined;
  readonly standing?: SentStanding | undefined;
  readonly confidential?: boolean | undefined;
  /** When it was to be published: from, and before. */
  readonly from?: Date | undefined;
  readonly before?: Date | undefined;
}

/** Not opened; opened, and still followed; brought to an end as was hoped; or by another way. */
export const sentStandings = ['unopened', 'unconfirmed', 'read', 'ended'] as const;
export type SentStanding = (typeof sentStandings)[number];

const asHoped = ['opened', 'confirmed', 'handed-over', 'read-elsewhere', 'relayed'];

export interface SentRow {
  readonly id: CorrespondenceId;
  readonly resource: ResourceId;
  readonly recipientName: string;
  readonly recipientKind: string;
  readonly sendersReference: string;
  readonly title: string;
  readonly personalName: string | null;
  readonly own: OwnWords | null;
  readonly state: MessageState;
  readonly requestedPublishAt: Date;
  readonly publishedAt: Date | null;
  readonly openedAt: Date | null;
  readonly confirmedAt: Date | null;
  readonly dueAt: Date | null;
  readonly confirmNeeded: boolean;
  readonly confidential: boolean;
}

/** How many messages one page of a search looks through. */
const lookedThrough = 2000;

export interface SentPage {
  readonly rows: readonly SentRow[];
  /** Where the search stopped looking; null where it has seen all. */
  readonly lookedTo: CorrespondenceId | null;
}

/**
 * A page of what an owner has sent in these resources, latest first. A search looks through so many messages a page, and may
 * find none of them: `lookedTo` says where to go on. A person to whom nothing was published stands with the beginning of its number. index: message_sent; with a recipient message_inbox;
 * of others' resources submission_for_another, message_submission
 */
export async function listSent(
  reader: Reader,
  { owner, resources, forAnother, recipient, text, narrow = {}, after, limit }: SentWanted,
): Promise<SentPage> {
  const isSearch = text !== null || narrow.standing !== undefined || narrow.confidential !== undefined;
  const most = isSearch ? lookedThrough : limit;
  const asked = sql`
    ${recipient ? sql`and m.recipient_id = ${recipient}` : sql``} ${after ? sql`and ${isAfter(after)}` : sql``}
    ${narrow.ids ? sql`and m.id = any(${narrow.ids}::uuid[])` : sql``}
    ${narrow.from ? sql`and m.requested_publish_at >= ${narrow.from}` : sql``}
    ${narrow.before ? sql`and m.requested_publish_at < ${narrow.before}` : sql``}`;
  const { rows, lookedTo } = await reader.one<{
    rows: readonly (Stored & { readonly encryptedFields: string | null })[] | null;
    lookedTo: CorrespondenceId | null;
  }>(sql`
    with looked as materialized (
      select f.*, row_number() over (order by f.requested_publish_at desc, f.id) as place
        from (select f.*
                from unnest(${resources}::text[]) as r (id)
                cross join lateral (
                  select ${looked} from correspondence.message m
                   where m.owner_id = ${owner} and m.resource_id = r.id ${asked}
                   order by m.requested_publish_at desc, m.id limit ${most}) f
               ${forAnother ? sql`union all ${sentForAnother(forAnother, asked, most)}` : sql``}) f
       order by f.requested_publish_at desc, f.id limit ${most}),
    worded as (
      select l.*, s.title, s.due_at, s.is_confirmation_needed, s.is_confidential, p.kind,
             case when ${isNamed} then p.name else left(p.number, 6) || ' *****' end as name,
             case when ${isNamed} then l.personal_name end as shown_name,
             coalesce(l.own ->> 'sendersReference', s.senders_reference) as reference
        from looked l
        join correspondence.submission s on s.id = l.submission_id
        join register.party_face p on p.id = l.recipient_id),
    found as (select w.* from worded w where ${text === null ? sql`true` : matching(text)} and ${narrowed(narrow)} order by w.place limit ${limit})
    select (select jsonb_agg(jsonb_build_object('id', f.id, 'resource', f.resource_id, 'recipientName', f.name, 'recipientKind', f.kind,
                     'sendersReference', f.reference, 'title', f.title, 'personalName', f.shown_name, 'own', f.own,
                     'encryptedFields', encode(f.encrypted_fields, 'hex'), 'state', f.state,
                     'requestedPublishAt', f.requested_publish_at, 'publishedAt', f.published_at, 'openedAt', f.opened_at,
                     'confirmedAt', f.confirmed_at, 'dueAt', f.due_at, 'confirmNeeded', f.is_confirmation_needed,
                     'confidential', f.is_confidential) order by f.place) from found f) as rows,
           (select l.id from looked l where l.place = ${most}) as "lookedTo"`);
  const kept = (rows ?? []).map(({ encryptedFields, ...row }) => ({
    ...dated(row),
    encryptedFields: encryptedFields === null ? null : Buffer.from(encryptedFields, 'hex'),
  }));
  return { rows: await withFields(reader, kept), lookedTo };
}

/** What a person is called is told when the letter has come to it: who types a number is told no name by it. */
const isNamed: Sql = sql`p.kind <> 'person' or l.published_at is not null`;

const looked: Sql = sql`
  m.id, m.submission_id, m.recipient_id, m.resource_id, m.requested_publish_at, m.own, m.encrypted_fields, m.personal_name, m.state,
  m.published_at, m.opened_at, m.confirmed_at`;

function sentForAnother({ senders, resources }: NonNullable<SentWanted['forAnother']>, asked: Sql, most: number): Sql {
  return sql`(select ${looked}
                from correspondence.submission s join correspondence.message m on m.submission_id = s.id
               where s.created_by = any(${senders}::uuid[]) and s.created_by <> s.owner_id and m.resource_id = any(${resources}::text[]) ${asked}
               order by m.requested_publish_at desc, m.id limit ${most})`;
}

type Times = 'requestedPublishAt' | 'publishedAt' | 'openedAt' | 'confirmedAt' | 'dueAt';
type Stored = Omit<SentRow, Times> & { readonly [T in Times]: string | null };

function dated(row: Stored): SentRow {
  const { requestedPublishAt, publishedAt, openedAt, confirmedAt, dueAt } = row;
  const at = (text: string | null) => (text === null ? null : new Date(text));
  return {
    ...row,
    ...{ requestedPublishAt: new Date(requestedPublishAt!), publishedAt: at(publishedAt), openedAt: at(openedAt) },
    ...{ confirmedAt: at(confirmedAt), dueAt: at(dueAt) },
  };
}

/** Nothing comes after a message that is not there. */
function isAfter(after: CorrespondenceId): Sql {
  const place = sql`(select p.requested_publish_at from correspondence.message p where p.id = ${after})`;
  return sql`m.requested_publish_at <= ${place} and (m.requested_publish_at < ${place} or m.id > ${after})`;
}

function matching(text: string): Sql {
  const like = `%${text.replace(/[\\%_]/g, '\\$&')}%`;
  return sql`(w.name ilike ${like} or w.reference ilike ${like} or (not w.is_confidential and w.title ilike ${like}))`;
}

/** Where it stands is what the watch on it says. index: item_pkey */
function narrowed({ standing, confidential }: SentNarrow): Sql {
  const secret = confidential === undefined ? sql`true` : sql`w.is_confidential = ${confidential}`;
  if (standing === undefined) return secret;
  const settled = sql`i.settled_at is not null and i.outcome = any(${asHoped})`;
  const is = {
    unopened: sql`i.settled_at is null and i.opened_at is null`,
    unconfirmed: sql`i.settled_at is null and i.opened_at is not null`,
    read: settled,
    ended: sql`i.settled_at is not null and not (${settled})`,
  }[standing];
  return sql`${secret} and exists (select from watch.item_face i where i.about = w.id and ${is})`;
}
