import { type Reader, sql, type Tx } from '#kernel/database.ts';

/*
 * Times here are real time (`statement_timestamp()`), not the domain's: a link is a secret, and a sandbox that moves its clock
 * neither lengthens nor shortens its life.
 */

const hoursOfLife = 24;

/** Of two who set up an owner at once, the second waits until the first is done. */
export async function lockSetup(tx: Tx): Promise<void> {
  await tx.run(sql`lock table setup.invitation in share row exclusive mode`);
}

/** An organization that has a code is one that owns services. */
export async function hasOwner(reader: Reader): Promise<boolean> {
  return (await reader.maybe(sql`select 1 from register.party_face where org_code is not null limit 1`)) !== undefined;
}

/** The number of the organization that has the code, if any. */
export async function holderOfCode(reader: Reader, code: string): Promise<string | undefined> {
  return (await reader.maybe<{ number: string }>(sql`select number from register.party_face where org_code = ${code}`))?.number;
}

export function saveInvitation(tx: Tx, { digest, clientId }: { readonly digest: string; readonly clientId: string }): void {
  tx.send(sql`
    insert into setup.invitation (token_sha256, client_id, created_at, expires_at)
    values (${digest}, ${clientId}, statement_timestamp(), statement_timestamp() + make_interval(hours => ${hoursOfLife}))`);
}

/** The client that a link is for. Others who come with it wait; undefined when it never was, is used, or is too old. */
export async function lockInvitation(tx: Tx, digest: string): Promise<string | undefined> {
  const row = await tx.maybe<{ clientId: string }>(sql`
    select client_id as "clientId"
      from setup.invitation
     where token_sha256 = ${digest} and used_at is null and expires_at > statement_timestamp()
       for update`);
  return row?.clientId;
}

export function saveUsed(tx: Tx, digest: string): void {
  tx.send(sql`update setup.invitation set used_at = statement_timestamp() where token_sha256 = ${digest}`);
}
