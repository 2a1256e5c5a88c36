import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { codeOf } from '../codes.ts';
import { accessErrors } from '../errors.ts';

/** That somebody holds a role at an organization (or, for a guardian, at a person). */
export interface RoleAssignment {
  readonly holder: PartyId;
  /** Either of the role's codes, or its URN, in any case: `DAGL`, `daglig-leder`, `urn:altinn:rolecode:dagl`. */
  readonly role: string;
  readonly at: PartyId;
  /** Where it is known from: `ccr`, `town`, `implicit`. */
  readonly source?: string;
}

const impliedRoles = ['priv', 'privatperson', 'seln', 'selvregistrert'];

/**
 * Roles that somebody holds; one that stands already is left as it is. Joined writing. That a person is a private person in
 * their own matters is not stored.
 *
 * Refuses roleIsImplied for such a role at another party. A role that nobody knows fails the transaction, naming it (BS005).
 */
export function saveRoleAssignments(tx: Tx, rows: readonly RoleAssignment[]): void {
  const kept = rows.map((row) => ({ ...row, role: codeOf(row.role) })).filter((row) => !isImplied(row));
  if (kept.length === 0) return;
  tx.send(sql`
    insert into access.role_assignment (holder_id, at_id, role, source, changed_at)
    select holder, at, access.role_code(role), source, clock.now()
      from unnest(${kept.map((r) => r.holder)}::uuid[], ${kept.map((r) => r.at)}::uuid[], ${kept.map((r) => r.role)}::text[],
                  ${kept.map((r) => r.source ?? 'town')}::text[]) as g (holder, at, role, source)
    on conflict do nothing`);
}

function isImplied({ holder, role, at }: RoleAssignment): boolean {
  if (!impliedRoles.includes(role)) return false;
  if (holder !== at) throw refuse(accessErrors.roleIsImplied, { role });
  return true;
}

/** Ends roles; one that nobody holds is left out. Joined writing. */
export function endRoleAssignments(tx: Tx, rows: readonly Omit<RoleAssignment, 'source'>[]): void {
  if (rows.length === 0) return;
  tx.send(sql`
    delete from access.role_assignment a
     using unnest(${rows.map((r) => r.holder)}::uuid[], ${rows.map((r) => r.at)}::uuid[], ${rows.map((r) => codeOf(r.role))}::text[]) as g (holder, at, role)
     where a.at_id = g.at and a.holder_id = g.holder and a.role = access.role_code(g.role)`);
}

/**
 * The parties at which somebody holds a role or a grant, itself or through an organization that it leads, with their
 * subunits, and itself. What it may do there is for `may` to say.
 * index: role_assignment_holder, access_grant_to, party_parent
 */
export async function partiesOf(reader: Reader, subject: PartyId): Promise<PartyId[]> {
  const rows = await reader.all<{ id: PartyId }>(sql`
    with led as (
      select k.at_id as id from access.role_assignment k join access.role r on r.code = k.role and r.is_key_role where k.holder_id = ${subject}),
    mine as (
      select ${subject}::uuid as id
      union select id from led
      union select p.id from register.party_face p join led on led.id = p.parent_id),
    place as (
      select ${subject}::uuid as id
      union select a.at_id from access.role_assignment a join mine on mine.id = a.holder_id
      union select g.from_id from access.access_grant g join mine on mine.id = g.to_id
             where g.revoked_at is null and (g.expires_at is null or g.expires_at > clock.now())
      union select d.client_id from access.client_delegation d where d.agent_id = ${subject} and d.revoked_at is null),
    heir as (
      select id from place
      union select p.id from register.party_face p join place on place.id = p.successor_id)
    select id from heir
    union select p.id from register.party_face p join heir on heir.id = p.parent_id where p.kind = 'organization'
    order by id`);
  return rows.map((row) => row.id);
}

/** What somebody is at a party by a role or a grant of its own. */
export interface Position {
  readonly at: PartyId;
  readonly hasKeyRole: boolean;
  readonly isMainAdministrator: boolean;
  readonly isAccessManager: boolean;
}

/** Where somebody leads or administers access. index: role_assignment_holder, access_grant_to */
export function positionsOf(reader: Reader, subject: PartyId): Promise<Position[]> {
  return reader.all<Position>(sql`
    select at, bool_or(leads) as "hasKeyRole", bool_or(coalesce(package = 'hovedadministrator', false)) as "isMainAdministrator",
           bool_or(coalesce(package = 'tilgangsstyrer', false)) as "isAccessManager"
      from (select a.at_id as at, r.is_key_role as leads, rp.package
              from access.role_assignment a
              join access.role r on r.code = a.role
              left join access.role_package rp on rp.role = a.role and rp.package in ('hovedadministrator', 'tilgangsstyrer')
             where a.holder_id = ${subject}
            union all
            select g.from_id, false, g.package from access.access_grant g
             where g.to_id = ${subject} and g.revoked_at is null and (g.expires_at is null or g.expires_at > clock.now())) p
     group by at`);
}

/** Which of these roles and access packages nobody knows, in the spelling given. index: role_pkey, role_legacy_code_key, package_pkey */
export async function listUnknownNames(
  reader: Reader,
  names: { roles: readonly string[]; packages: readonly string[] },
): Promise<string[]> {
  const rows = await reader.all<{ name: string }>(sql`
    select given as name from unnest(${names.roles}::text[], ${names.roles.map(codeOf)}::text[]) as r (given, code)
     where not exists (select from access.role k where k.code = r.code or k.legacy_code = r.code)
    union all
    select name from unnest(${names.packages}::text[], ${names.packages.map(codeOf)}::text[]) as p (name, code)
     where not exists (select from access.package k where k.code = p.code)`);
  return rows.map((row) => row.name);
}
