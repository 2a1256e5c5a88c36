import { sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { codeOf } from '../codes.ts';

/** Where roles come from that the Register of Legal Entities says. */
const registered = 'ccr';

/** All roles that the register says there are at some organizations. */
export interface RegisteredRoles {
  readonly at: readonly PartyId[];
  readonly roles: readonly { readonly holder: PartyId; readonly role: string; readonly at: PartyId }[];
  /** Roles of persons of whom the register tells only the day of birth (`DDMMYY`): whoever has such a role and that day keeps it. */
  readonly bornOn: readonly { readonly at: PartyId; readonly role: string; readonly born: string }[];
}

/**
 * Makes the roles of these organizations that come from the register what the register says: ends those that are gone, adds those that
 * are new, touches no other, and tells how many. What was given by others (a town document) stays; what agents had by a role that ended
 * is for `endWithRoles`. A role that nobody knows fails the transaction (BS005). index: role_assignment_pkey
 */
export async function replaceRegisteredRoles(tx: Tx, { at, roles, bornOn }: RegisteredRoles): Promise<{ added: number; ended: number }> {
  const codes = [...new Set([...roles, ...bornOn].map(({ role }) => codeOf(role)))]; // each is looked up once, and there are few
  const wanted = sql`
    code as materialized (select c as given, access.role_code(c) as role from unnest(${codes}::text[]) as c),
    wanted as materialized (
      select g.holder, g.at, code.role
        from unnest(${roles.map((r) => r.holder)}::uuid[], ${roles.map((r) => r.at)}::uuid[], ${roles.map((r) => codeOf(r.role))}::text[]) as g (holder, at, role)
        join code on code.given = g.role)`;
  const ended = await tx.run(sql`
    with ${wanted},
    lost as materialized (
      select a.at_id, a.holder_id, a.role
        from access.role_assignment a
        left join wanted w on w.at = a.at_id and w.holder = a.holder_id and w.role = a.role
       where a.at_id = any (${at}::uuid[]) and a.source = ${registered} and w.at is null),
    born as materialized (
      select g.at, code.role, g.day
        from unnest(${bornOn.map((b) => b.at)}::uuid[], ${bornOn.map((b) => codeOf(b.role))}::text[], ${bornOn.map((b) => b.born)}::text[]) as g (at, role, day)
        join code on code.given = g.role),
    kept as materialized (
      select l.* from lost l
        join register.party_face p on p.id = l.holder_id and p.kind = 'person'
        join born b on b.at = l.at_id and b.role = l.role
         and b.day = to_char((substr(p.number, 1, 2)::int - 1) % 40 + 1, 'FM00') || to_char((substr(p.number, 3, 2)::int - 1) % 40 + 1, 'FM00') || substr(p.number, 5, 2))
    delete from access.role_assignment a using lost l
     where (a.at_id, a.holder_id, a.role) = (l.at_id, l.holder_id, l.role)
       and not exists (select from kept k where (k.at_id, k.holder_id, k.role) = (l.at_id, l.holder_id, l.role))`);
  const added = await tx.run(sql`
    with ${wanted}
    insert into access.role_assignment (holder_id, at_id, role, source, changed_at)
    select distinct holder, at, role, ${registered}, clock.now() from wanted
    on conflict do nothing`);
  return { added, ended };
}
