import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';

/*
 * Times here are real time (`statement_timestamp()`), not the domain's: a sandbox that moves its clock throws nobody out.
 * Of what opens a row only its digest is kept.
 */

/** A browser that was sent to log in. */
export interface LoginAttempt {
  readonly verifier: string;
  readonly nonce: string;
  readonly returnTo: string;
}

const hex = (bytes: Buffer): string => bytes.toString('hex');

export function saveLoginAttempt(tx: Tx, digest: Buffer, browser: Buffer, attempt: LoginAttempt, lastsSeconds: number): void {
  tx.send(sql`
    insert into session.login_attempt (digest, browser, verifier, nonce, return_to, expires_at)
    values (decode(${hex(digest)}, 'hex'), decode(${hex(browser)}, 'hex'), ${attempt.verifier}, ${attempt.nonce}, ${attempt.returnTo},
            statement_timestamp() + make_interval(secs => ${lastsSeconds}::double precision))`);
}

/** The attempt, once and for the browser that began it; another browser leaves it there. index: login_attempt_pkey */
export function takeLoginAttempt(tx: Tx, digest: Buffer, browser: Buffer): Promise<LoginAttempt | undefined> {
  return tx.maybe<LoginAttempt>(sql`
    delete from session.login_attempt
     where digest = decode(${hex(digest)}, 'hex') and browser = decode(${hex(browser)}, 'hex') and expires_at > statement_timestamp()
    returning verifier, nonce, return_to as "returnTo"`);
}

export interface NewSession {
  readonly partyId: PartyId;
  readonly authLevel: number;
  readonly issuer: string;
  readonly sid: string | null;
  readonly sub: string;
  readonly idToken: Buffer;
}

export function saveSession(tx: Tx, digest: Buffer, session: NewSession, idleSeconds: number, lastsSeconds: number): void {
  tx.send(sql`
    insert into session.session (digest, party_id, auth_level, issuer, provider_sid, provider_sub, id_token, began_at, ends_at, expires_at)
    values (decode(${hex(digest)}, 'hex'), ${session.partyId}, ${session.authLevel}, ${session.issuer}, ${session.sid}, ${session.sub},
            decode(${hex(session.idToken)}, 'hex'), statement_timestamp(),
            statement_timestamp() + make_interval(secs => ${lastsSeconds}::double precision),
            statement_timestamp() + make_interval(secs => least(${idleSeconds}::double precision, ${lastsSeconds}::double precision)))`);
}

export interface Session {
  readonly partyId: PartyId;
  readonly authLevel: number;
  readonly expiresAt: Date;
  /** Seconds, in real time. */
  readonly leftSeconds: number;
}

/** A session that has not ended. index: session_pkey */
export function findSession(reader: Reader, digest: Buffer): Promise<Session | undefined> {
  return reader.maybe<Session>(sql`
    select party_id as "partyId", auth_level as "authLevel", expires_at as "expiresAt",
           extract(epoch from expires_at - statement_timestamp())::double precision as "leftSeconds"
      from session.session
     where digest = decode(${hex(digest)}, 'hex') and expires_at > statement_timestamp()`);
}

/** Puts off its end, never beyond `ends_at`; one that has ended stays so. Joined writing. */
export function keepSession(tx: Tx, digest: Buffer, idleSeconds: number): void {
  tx.send(sql`
    update session.session
       set expires_at = least(ends_at, statement_timestamp() + make_interval(secs => ${idleSeconds}::double precision))
     where digest = decode(${hex(digest)}, 'hex') and expires_at > statement_timestamp()`);
}

/** Ends a session, and answers the sealed id_token that it had. index: session_pkey */
export async function endSession(tx: Tx, digest: Buffer): Promise<Buffer | undefined> {
  const ended = await tx.maybe<{ idToken: Buffer }>(sql`
    delete from session.session where digest = decode(${hex(digest)}, 'hex') returning id_token as "idToken"`);
  return ended?.idToken;
}

/** Ends the sessions of one session at the provider, in whatever browsers of ours. Answers how many. index: session_sid */
export function endSessionsOfSid(tx: Tx, issuer: string, sid: string): Promise<number> {
  return tx.run(sql`delete from session.session where provider_sid = ${sid} and issuer = ${issuer}`);
}

/** Ends all sessions of one person there. index: session_sub */
export function endSessionsOfSub(tx: Tx, issuer: string, sub: string): Promise<number> {
  return tx.run(sql`delete from session.session where provider_sub = ${sub} and issuer = ${issuer}`);
}

/** Attempts and sessions whose time is over. index: login_attempt_expires, session_expires */
export async function removeEnded(tx: Tx, limit: number): Promise<number> {
  const attempts = await tx.run(sql`
    delete from session.login_attempt
     where digest in (select digest from session.login_attempt where expires_at <= statement_timestamp() order by expires_at limit ${limit} for update skip locked)`);
  const sessions = await tx.run(sql`
    delete from session.session
     where digest in (select digest from session.session where expires_at <= statement_timestamp() order by expires_at limit ${limit} for update skip locked)`);
  return Math.max(attempts, sessions);
}
