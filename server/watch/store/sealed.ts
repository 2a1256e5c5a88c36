import { type Reader, sql } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { isLetLie, isOverFile } from './open.ts';

export interface SealedRow {
  readonly about: string;
  readonly party: PartyId;
  readonly sender: PartyId;
  readonly resource: ResourceId;
  readonly confidential: boolean;
  readonly publishedAt: Date;
  /** Its sender lets it lie unread: nobody is told of it any more, and it opens all the same. */
  readonly isLetLie: boolean;
}

export interface SealedPlace {
  readonly publishedAt: Date;
  readonly about: string;
}

/** What lies published and unopened where this person could grant access, longest first; no files whose time is over. -- index: grantor_grantor */
export function listSealedRows(reader: Reader, grantor: PartyId, after: SealedPlace | null, limit: number): Promise<SealedRow[]> {
  return reader.all<SealedRow>(sql`
    select i.about, i.party_id as party, i.sender_id as sender, i.resource_id as resource, i.confidential, i.published_at as "publishedAt",
           i.settled_at is not null as "isLetLie"
      from watch.grantor g
      join watch.item i on i.about = g.about and i.party_id = g.party_id
     where g.grantor_id = ${grantor} and (i.settled_at is null or ${isLetLie}) and i.published_at is not null and not ${isOverFile}
       and (${after?.about ?? null}::uuid is null
            or (date_trunc('milliseconds', i.published_at), i.about) > (${after?.publishedAt ?? null}::timestamptz, ${after?.about ?? null}::uuid))
     order by date_trunc('milliseconds', i.published_at), i.about
     limit ${limit}`);
}

/** The same, of one thing; it may lie so at several recipients. -- index: the primary key */
export function listSealedOf(reader: Reader, grantor: PartyId, about: string): Promise<SealedRow[]> {
  return reader.all<SealedRow>(sql`
    select i.about, i.party_id as party, i.sender_id as sender, i.resource_id as resource, i.confidential, i.published_at as "publishedAt",
           i.settled_at is not null as "isLetLie"
      from watch.grantor g
      join watch.item i on i.about = g.about and i.party_id = g.party_id
     where g.about = ${about} and g.grantor_id = ${grantor} and (i.settled_at is null or ${isLetLie}) and i.published_at is not null and not ${isOverFile}
     order by i.party_id
     limit 100`);
}

/** -- index: item_open_confidential */
export function listUnopenedConfidentialRows(
  reader: Reader,
  party: PartyId,
  before: Date,
  limit: number,
): Promise<{ about: string; resource: ResourceId; publishedAt: Date }[]> {
  return reader.all(sql`
    select i.about, i.resource_id as resource, i.published_at as "publishedAt"
      from watch.item i
     where i.party_id = ${party} and i.settled_at is null and i.confidential and i.published_at < ${before} and i.opened_at is null
     order by i.published_at
     limit ${limit}`);
}
