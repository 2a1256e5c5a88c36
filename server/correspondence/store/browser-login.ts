import { sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';

/*
 * Times here are real time (`statement_timestamp()`), not the domain's: a sandbox that moves its clock throws nobody out who is
 * logging in. Of what opens a row only its digest is kept.
 */

/** A browser that was sent to log in. */
export interface LoginAttempt {
  readonly verifier: string;
  readonly nonce: string;
  /** Path and query that it asked for. */
  readonly target: string;
  /** It has been sent a second time already. */
  readonly again: boolean;
}

export function saveLoginAttempt(tx: Tx, digest: Buffer, attempt: LoginAttempt, lastsSeconds: number): void {
  tx.send(sql`
    insert into correspondence.login_attempt (digest, verifier, nonce, target, again, expires_at)
    values (decode(${digest.toString('hex')}, 'hex'), ${attempt.verifier}, ${attempt.nonce}, ${attempt.target}, ${attempt.again},
            statement_timestamp() + make_interval(secs => ${lastsSeconds}::double precision))`);
}

/** The attempt, once: it is gone with this. index: login_attempt_pkey */
export function takeLoginAttempt(tx: Tx, digest: Buffer): Promise<LoginAttempt | undefined> {
  return tx.maybe<LoginAttempt>(sql`
    delete from correspondence.login_attempt
     where digest = decode(${digest.toString('hex')}, 'hex') and expires_at > statement_timestamp()
    returning verifier, nonce, target, again`);
}

/** Somebody who has logged in, and comes back for a file. */
export interface LoginSession {
  /** Null when the register does not know them. */
  readonly partyId: PartyId | null;
  readonly authLevel: number;
  readonly clientId: string | null;
}

export function saveLoginSession(tx: Tx, digest: Buffer, session: LoginSession, lastsSeconds: number): void {
  tx.send(sql`
    insert into correspondence.login_session (digest, party_id, auth_level, client_id, expires_at)
    values (decode(${digest.toString('hex')}, 'hex'), ${session.partyId}, ${session.authLevel}, ${session.clientId},
            statement_timestamp() + make_interval(secs => ${lastsSeconds}::double precision))`);
}

/** The session, once: it is gone with this. index: login_session_pkey */
export function takeLoginSession(tx: Tx, digest: Buffer): Promise<LoginSession | undefined> {
  return tx.maybe<LoginSession>(sql`
    delete from correspondence.login_session
     where digest = decode(${digest.toString('hex')}, 'hex') and expires_at > statement_timestamp()
    returning party_id as "partyId", auth_level as "authLevel", client_id as "clientId"`);
}

/** Attempts and sessions whose time is over. index: login_attempt_expires, login_session_expires */
export async function removeOldLogins(tx: Tx, limit: number): Promise<number> {
  const attempts = await tx.run(sql`
    delete from correspondence.login_attempt
     where digest in (select digest from correspondence.login_attempt where expires_at <= statement_timestamp() order by expires_at limit ${limit} for update skip locked)`);
  const sessions = await tx.run(sql`
    delete from correspondence.login_session
     where digest in (select digest from correspondence.login_session where expires_at <= statement_timestamp() order by expires_at limit ${limit} for update skip locked)`);
  return attempts + sessions;
}
