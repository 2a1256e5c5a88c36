import { type Reader, sql } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import type { Fact, Subject, SubjectFacts } from '../facts.ts';

/** What the rules at hand may ask about. Facts that no rule asks about are not fetched: an organization has thousands. */
export interface WantedFacts {
  /** Codes of roles in either spelling, lower case. */
  readonly roles: readonly string[];
  readonly packages: readonly string[];
  readonly resources: readonly ResourceId[];
  readonly instances: readonly string[];
  /** Packages for which it is asked who may give them to others. Empty: nobody's power to give is fetched. */
  readonly handedOn: readonly string[];
  /** Whether main administrators and access managers are wanted. */
  readonly administrators: boolean;
  /** Whether it is wanted that the party itself acts. */
  readonly self: boolean;
  /** Parties that rules name outright. */
  readonly named: NamedParties;
}

export interface NamedParties {
  readonly numbers: readonly string[];
  readonly orgCodes: readonly string[];
  readonly partyIds: readonly number[];
  readonly ids: readonly string[];
}

interface Row {
  readonly at: PartyId;
  readonly subject: PartyId;
  readonly kind: Fact['kind'];
  readonly value: string;
  readonly alias: string | null;
  readonly actions: string[] | null;
  readonly instance: string | null;
  readonly path: string[];
  readonly subjectKind: Subject['kind'];
  readonly number: string | null;
  readonly orgCode: string | null;
  readonly partyId: number;
}

/**
 * What holds for anybody at these parties, or for one subject, as far as it is wanted; those of whom nothing holds are left
 * out. One statement for any number of parties.
 * index: role_assignment_pkey, access_grant_from; for one subject role_assignment_holder, access_grant_once
 */
export async function findFacts(reader: Reader, ats: readonly PartyId[], wanted: WantedFacts, subject?: PartyId): Promise<SubjectFacts[]> {
  const { numbers, orgCodes, partyIds, ids } = wanted.named;
  const rows = await reader.all<Row>(sql`
    select at, subject, kind, value, alias, actions, instance, path,
           subject_kind as "subjectKind", number, org_code as "orgCode", party_id as "partyId"
      from access.facts(${ats}::uuid[], ${subject ?? null}::uuid, ${wanted.roles}::text[], ${wanted.packages}::text[],
           ${wanted.resources}::text[], ${wanted.instances}::uuid[], ${wanted.handedOn}::text[], ${wanted.administrators}, ${wanted.self},
           ${numbers}::text[], ${orgCodes}::text[], ${partyIds}::integer[], ${ids}::uuid[])`);
  return bySubject(rows);
}

/** What holds for one subject at one party; undefined when the subject is not there or no longer lives. */
export async function findFactsOf(reader: Reader, subject: PartyId, at: PartyId, wanted: WantedFacts): Promise<SubjectFacts | undefined> {
  return (await findFacts(reader, [at], wanted, subject))[0];
}

function bySubject(rows: readonly Row[]): SubjectFacts[] {
  const found = new Map<string, { at: PartyId; subject: Subject; facts: Fact[] }>();
  for (const row of rows) {
    const key = `${row.at} ${row.subject}`;
    let entry = found.get(key);
    if (!entry) {
      const subject = { id: row.subject, kind: row.subjectKind, number: row.number, orgCode: row.orgCode, partyId: row.partyId };
      entry = { at: row.at, subject, facts: [] };
      found.set(key, entry);
    }
    entry.facts.push(factOf(row));
  }
  for (const { facts } of found.values()) facts.sort(byValueAndPath);
  return [...found.values()];
}

/** The same fact by several ways stands shortest way first, and in one order whoever asked. */
function byValueAndPath(a: Fact, b: Fact): number {
  return inOrder(a.kind, b.kind) || inOrder(a.value, b.value) || a.path.length - b.path.length || inOrder(a.path.join(), b.path.join());
}

const inOrder = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function factOf({ kind, value, alias, actions, instance, path }: Row): Fact {
  if (kind === 'role') return { kind, value, alias, path };
  if (kind === 'grant') return { kind, value, actions: actions ?? [], instance, path };
  return { kind, value, path };
}
