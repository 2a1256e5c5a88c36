import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';

export interface OwnedSystemUser {
  readonly id: PartyId;
  /** The name of its system. */
  readonly system: string;
}

/** The system users that act for an organization, oldest first; none where it lives no longer. index: party_parent */
export function listSystemUsers(reader: Reader, owner: PartyId): Promise<OwnedSystemUser[]> {
  return reader.all<OwnedSystemUser>(sql`
    select s.id, s.name as system
      from register.party_face s join register.party_face o on o.id = s.parent_id and o.alive
     where s.parent_id = ${owner} and s.kind = 'system-user' and s.alive
     order by s.party_id`);
}

/** Notes that a grant was used; false when it was before. What has expired is forgotten. Times are real. */
export async function useGrant(tx: Tx, digest: string, expiresAt: Date, at: Date): Promise<boolean> {
  tx.send(sql`
    delete from sandbox.used_grant
     where digest in (select digest from sandbox.used_grant where expires_at < ${at} order by digest limit 100 for update skip locked)`);
  return (
    (await tx.run(sql`insert into sandbox.used_grant (digest, expires_at) values (${digest}, ${expiresAt}) on conflict do nothing`)) === 1
  );
}
