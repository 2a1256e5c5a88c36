import { prepared, type Reader, sql } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import type { Subject } from '../decide/facts.ts';

/** How alive somebody is who can open. */
export interface Vitality {
  readonly hasContact: boolean;
  /** Whether it is known when it was last here. */
  readonly isKnown: boolean;
  /** Seen in the last 180 days. */
  readonly isRecent: boolean;
  /** A machine with a scope to read was seen in the last 30 days. */
  readonly fetches: boolean;
  /** The highest level of login ever seen, or null. */
  readonly level: number | null;
}

/** Somebody who may hold a right, as it is now. */
export interface LivingSubject extends Subject {
  readonly alive: boolean;
  vitality: Vitality;
}

/** A party at which something is asked, as it stands now. */
export interface Place extends LivingSubject {
  readonly unitType: string | null;
  /** Rises with every change of who may do what there: 0 where nothing was ever changed. */
  readonly version: string;
  /** Changed by the transaction that asks: what is found out there may never come to be. */
  readonly isOwn: boolean;
  /** A person at whom nobody holds a role and who has given nobody anything: nobody but itself can have a right there. */
  readonly isPlain: boolean;
  /** Dead, or closed with nobody in its stead, or part of one that is: nobody does anything there any more. */
  readonly isGone: boolean;
}

/** Which policy a resource has now. */
export interface Stamp {
  readonly ownerId: PartyId;
  /** Version and hash; another one means another policy, or other roles and packages. */
  readonly version: string;
  readonly isOwn: boolean;
}

export interface Standing {
  readonly places: ReadonlyMap<PartyId, Place>;
  /** The places too. */
  readonly subjects: Map<PartyId, LivingSubject>;
  /** Of the resources that are known. */
  readonly policies: ReadonlyMap<ResourceId, Stamp>;
  /** Places and resources (see `openedKey`) where post was opened in the last 90 days. */
  readonly opened: ReadonlySet<string>;
  /** Domain time, in seconds. */
  readonly now: number;
  /** Which document of roles and packages holds. */
  readonly roles: string;
}

interface Row {
  readonly what: 'time' | 'policy' | 'place' | 'subject' | 'seen' | 'opened';
  /** Of a policy: the owner of the resource. */
  readonly id: PartyId;
  readonly resource: ResourceId;
  readonly version: string | null;
  readonly isOwn: boolean;
  readonly kind: Subject['kind'];
  readonly number: string | null;
  readonly orgCode: string | null;
  readonly partyId: number;
  readonly unitType: string | null;
  readonly alive: boolean;
  readonly isPlain: boolean;
  readonly hasContact: boolean;
  readonly isKnown: boolean;
  readonly isRecent: boolean;
  readonly fetches: boolean;
  readonly level: number | null;
  readonly seconds: number;
  readonly isGone: boolean;
}

/**
 * How it stands with parties, with others who may hold rights there, and with policies. One statement, to be read before
 * whatever its versions are to vouch for, by the same reader.
 * index: party_pkey, party_version_pkey, contact_point_pkey, activity_pkey, role_assignment_pkey, access_grant_from, opening_pkey, resource_pkey
 */
export async function findStanding(
  reader: Reader,
  asked: { places: readonly PartyId[]; subjects: readonly PartyId[]; resources: readonly ResourceId[] },
): Promise<Standing> {
  const rows = await reader.all<Row>(
    prepared(sql`
    select what, id, resource, version, is_own as "isOwn", kind, number, org_code as "orgCode", party_id as "partyId", unit_type as "unitType",
           alive, is_plain as "isPlain", has_contact as "hasContact", is_known as "isKnown", is_recent as "isRecent", fetches, level, seconds,
           is_gone as "isGone"
      from access.standing(${asked.places}::uuid[], ${asked.subjects}::uuid[], ${asked.resources}::text[])`),
  );
  const places = new Map<PartyId, Place>();
  const subjects = new Map<PartyId, LivingSubject>();
  const policies = new Map<ResourceId, Stamp>();
  const opened = new Set<string>();
  let [now, roles] = [0, ''];
  for (const row of rows) {
    const { what, id, resource, version } = row;
    if (what === 'time') [now, roles] = [row.seconds, version ?? ''];
    else if (what === 'policy') policies.set(resource, { ownerId: id, version: version!, isOwn: row.isOwn });
    else if (what === 'opened') opened.add(openedKey(id, resource));
    else if (what === 'subject') subjects.set(id, subjectOf(row));
    else if (what === 'place') {
      const { unitType, isOwn, isPlain, isGone } = row;
      const place = { ...subjectOf(row), unitType, version: version!, isOwn, isPlain, isGone };
      places.set(id, place);
      subjects.set(id, place);
    }
  }
  for (const row of rows) if (row.what === 'seen') noteSeen(subjects, row);
  return { places, subjects, policies, opened, now, roles };
}

export function openedKey(party: PartyId, resource: ResourceId): string {
  return `${party} ${resource}`;
}

function subjectOf({ id, kind, number, orgCode, partyId, alive, hasContact, isKnown, isRecent }: Row): LivingSubject {
  return { id, kind, number, orgCode, partyId, alive, vitality: { hasContact, isKnown, isRecent, fetches: false, level: null } };
}

/** One party is seen through several clients. */
function noteSeen(subjects: ReadonlyMap<PartyId, LivingSubject>, row: Row): void {
  const subject = subjects.get(row.id);
  if (subject) subject.vitality = livelier(subject.vitality, { ...row, hasContact: false, isKnown: true });
}

/** What two things that were seen of somebody amount to. */
export function livelier(a: Vitality, b: Vitality): Vitality {
  return {
    hasContact: a.hasContact || b.hasContact,
    isKnown: a.isKnown || b.isKnown,
    isRecent: a.isRecent || b.isRecent,
    fetches: a.fetches || b.fetches,
    level: a.level === null || b.level === null ? (a.level ?? b.level) : Math.max(a.level, b.level),
  };
}
