import { prepared, type Reader, sql } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import type { Subject } from '../decide/facts.ts';
import type { NamedParties } from '../decide/wanted.ts';
import { type LivingSubject, livelier, type Vitality } from './standing.ts';

/**
 * What ties somebody living to a party: a role, or a grant, there, at its main unit or at its successor; its own, or of an
 * organization that it leads or whose agent it is.
 */
export interface Tie {
  readonly subject: LivingSubject;
  readonly at: PartyId;
  readonly unitType: string | null;
  /** Number of the main unit or the successor, when it comes about there. */
  readonly main: string | null;
  readonly role: string | null;
  readonly package: string | null;
  readonly resource: ResourceId | null;
  readonly instance: string | null;
  readonly actions: readonly string[] | null;
  /** The end of a grant, in seconds. */
  readonly until: number | null;
  /** The key role, and where, by which it leads the organization that has the right. */
  readonly leadRole: string | null;
  readonly leadAt: string | null;
  /** Number of the organization for which it acts here as an agent, by one access package of what that one has. */
  readonly agentOf: string | null;
  readonly agentPackage: string | null;
}

export interface Ties {
  readonly ties: readonly Tie[];
  /** Of the ties, and those who are named. */
  readonly subjects: readonly LivingSubject[];
  /** Whom the rules name outright, wherever it is asked. */
  readonly named: readonly LivingSubject[];
  /** Places (see `placeKey`) where single items of the resources have been given; those that were wanted are among the ties. */
  readonly withItems: ReadonlySet<string>;
}

/** A party, and the one subject that is asked about there, or everybody. */
export interface AskedAt {
  readonly at: PartyId;
  readonly subject: PartyId | null;
}

export interface WantedTies {
  readonly roles: readonly string[];
  readonly packages: readonly string[];
  readonly resources: readonly ResourceId[];
  readonly instances: readonly string[];
  readonly named: NamedParties;
}

interface Row extends Omit<Tie, 'subject'>, Vitality {
  readonly what: 'tie' | 'items' | 'named';
  readonly who: PartyId;
  readonly kind: Subject['kind'];
  readonly number: string | null;
  readonly orgCode: string | null;
  readonly partyId: number;
}

export function placeKey({ at, subject }: AskedAt): string {
  return `${at} ${subject ?? ''}`;
}

/**
 * What ties anybody to these parties, or one subject at each, as far as it is wanted. One statement for any number.
 * index: role_assignment_pkey, access_grant_from; for one subject role_assignment_holder, access_grant_once, client_delegation_agent
 */
export async function findTies(reader: Reader, asked: readonly AskedAt[], wanted: WantedTies): Promise<Ties> {
  if (asked.length === 0) return { ties: [], subjects: [], named: [], withItems: new Set() };
  const { numbers, orgCodes, partyIds, ids } = wanted.named;
  const rows = await reader.all<Row>(
    prepared(sql`
    select what, at, subject as who, unit_type as "unitType", main, role, package, resource, instance, actions, until_seconds as until,
           lead_role as "leadRole", lead_at as "leadAt", kind, number, org_code as "orgCode", party_id as "partyId",
           has_contact as "hasContact", is_known as "isKnown", is_recent as "isRecent", fetches, level,
           agent_of as "agentOf", agent_package as "agentPackage"
      from access.ties(${asked.map((one) => one.at)}::uuid[], ${asked.map((one) => one.subject)}::uuid[], ${wanted.roles}::text[],
           ${wanted.packages}::text[], ${wanted.resources}::text[], ${wanted.instances}::uuid[],
           ${numbers}::text[], ${orgCodes}::text[], ${partyIds}::integer[], ${ids}::uuid[])`),
  );
  const subjects = new Map<PartyId, LivingSubject>();
  const ties: Tie[] = [];
  const withItems = new Set<string>();
  for (const row of rows) {
    if (row.what === 'items') withItems.add(placeKey({ at: row.at, subject: row.who }));
    else if (row.what === 'named') subjectOf(row, subjects);
    else ties.push(tieOf(row, subjectOf(row, subjects)));
  }
  const named = rows.filter(({ what }) => what === 'named').map(({ who }) => subjects.get(who)!);
  return { ties, subjects: [...subjects.values()], named: [...new Set(named)], withItems };
}

/** One object for one subject, however many rows tell of it. */
function subjectOf(row: Row, subjects: Map<PartyId, LivingSubject>): LivingSubject {
  const { who: id, kind, number, orgCode, partyId, hasContact, isKnown, isRecent, fetches, level } = row;
  const vitality = { hasContact, isKnown, isRecent, fetches, level };
  const known = subjects.get(id);
  if (known) known.vitality = livelier(known.vitality, vitality);
  const subject = known ?? { id, kind, number, orgCode, partyId, alive: true, vitality };
  subjects.set(id, subject);
  return subject;
}

function tieOf(
  { at, unitType, main, role, package: code, resource, instance, actions, until, leadRole, leadAt, agentOf, agentPackage }: Row,
  subject: LivingSubject,
): Tie {
  return { subject, at, unitType, main, role, package: code, resource, instance, actions, until, leadRole, leadAt, agentOf, agentPackage };
}
