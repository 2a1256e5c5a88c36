import { type Db, type Reader, sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';

/** One thing that the login keeps between two requests. Times are real, as those of tokens. */
export interface LoginState {
  readonly model: string;
  readonly id: string;
  readonly payload: object;
  readonly uid: string | null;
  readonly grantId: string | null;
  readonly expiresAt: Date;
}

/** What is kept, as it is given back: `usedAt` once it was used. */
export interface KeptState {
  readonly payload: object;
  readonly usedAt: Date | null;
}

/** Keeps it, or replaces what is kept under its name; that it was used stays known. Joined writing. */
export function saveLoginState(tx: Tx, { model, id, payload, uid, grantId, expiresAt }: LoginState): void {
  tx.send(sql`
    insert into sandbox.login_state (model, id, payload, uid, grant_id, expires_at)
    values (${model}, ${id}, ${JSON.stringify(payload)}::jsonb, ${uid}, ${grantId}, ${expiresAt})
        on conflict (model, id) do update
       set payload = excluded.payload, uid = excluded.uid, grant_id = excluded.grant_id, expires_at = excluded.expires_at`);
}

/** index: login_state_pkey */
export function findLoginState(reader: Reader, model: string, id: string, at: Date): Promise<KeptState | undefined> {
  return reader.maybe<KeptState>(sql`
    select payload, used_at as "usedAt" from sandbox.login_state where model = ${model} and id = ${id} and expires_at > ${at}`);
}

/** index: login_state_uid */
export function findLoginStateByUid(reader: Reader, model: string, uid: string, at: Date): Promise<KeptState | undefined> {
  return reader.maybe<KeptState>(sql`
    select payload, used_at as "usedAt" from sandbox.login_state where uid = ${uid} and model = ${model} and expires_at > ${at}`);
}

/** Uses what may be used once. Of many who try at the same time one is told yes. */
export function spendLoginState(db: Db, model: string, id: string, at: Date): Promise<boolean> {
  return db.transaction(async (tx) => {
    const used = await tx.run(sql`
      update sandbox.login_state set used_at = ${at} where model = ${model} and id = ${id} and used_at is null and expires_at > ${at}`);
    return used === 1;
  });
}

/** Joined writing. */
export function removeLoginState(tx: Tx, model: string, id: string): void {
  tx.send(sql`delete from sandbox.login_state where model = ${model} and id = ${id}`);
}

/** Removes grants with all that they gave. Joined writing. index: login_state_grant, login_state_pkey */
export function removeGrants(tx: Tx, grantIds: readonly string[]): void {
  tx.send(sql`delete from sandbox.login_state where grant_id = any(${grantIds}::text[])`);
  tx.send(sql`delete from sandbox.login_state where model = 'Grant' and id = any(${grantIds}::text[])`);
}

/** Removes at most so many of those that are past their time, and tells how many. index: login_state_expiry */
export function removeExpired(db: Db, at: Date, most: number): Promise<number> {
  return db.transaction((tx) =>
    tx.run(sql`
      delete from sandbox.login_state where (model, id) in (
        select model, id from sandbox.login_state where expires_at <= ${at} order by expires_at limit ${most} for update skip locked)`),
  );
}

/** Where the browsers of a client come back to. */
export interface LoginClient {
  readonly clientId: string;
  readonly redirectUris: readonly string[];
  readonly postLogoutRedirectUris: readonly string[];
  /** Called in a frame of the browser when somebody logs out. */
  readonly frontchannelLogoutUri: string | null;
}

/** Makes clients or replaces what is known of them; an equal one is left as it is. Joined writing. */
export function saveLoginClients(tx: Tx, clients: readonly LoginClient[]): void {
  if (clients.length === 0) return;
  tx.send(sql`
    insert into sandbox.login_client as c (client_id, redirect_uris, post_logout_redirect_uris, frontchannel_logout_uri)
    select "clientId", "redirectUris", "postLogoutRedirectUris", "frontchannelLogoutUri"
      from jsonb_to_recordset(${JSON.stringify(clients)}::jsonb)
        as g ("clientId" text, "redirectUris" text[], "postLogoutRedirectUris" text[], "frontchannelLogoutUri" text)
     order by "clientId"
        on conflict (client_id) do update
       set (redirect_uris, post_logout_redirect_uris, frontchannel_logout_uri)
         = (excluded.redirect_uris, excluded.post_logout_redirect_uris, excluded.frontchannel_logout_uri)
     where (c.redirect_uris, c.post_logout_redirect_uris, c.frontchannel_logout_uri)
           is distinct from (excluded.redirect_uris, excluded.post_logout_redirect_uris, excluded.frontchannel_logout_uri)`);
}

/** Those of these clients whose browsers may log in, by id. index: login_client_pkey */
export async function findLoginClients(reader: Reader, clientIds: readonly string[]): Promise<Map<string, LoginClient>> {
  const rows = await reader.all<LoginClient>(sql`
    select client_id as "clientId", redirect_uris as "redirectUris", post_logout_redirect_uris as "postLogoutRedirectUris",
           frontchannel_logout_uri as "frontchannelLogoutUri"
      from sandbox.login_client where client_id = any(${clientIds}::text[])`);
  return new Map(rows.map((row) => [row.clientId, row]));
}

/** A person of the town, as the login page shows one. */
export interface TestPerson {
  readonly id: PartyId;
  readonly number: string;
  readonly name: string;
}

/**
 * The living persons whose name holds every word of the text, or whose number begins with it, in the order of their names.
 * A sandbox has some thousand persons at most, and its table is read through.
 */
export function listTestPersons(reader: Reader, text: string, limit: number): Promise<TestPerson[]> {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return reader.all<TestPerson>(sql`
    select id, number, name from register.party_face p
     where kind = 'person' and alive
       and (not exists (select from unnest(${words}::text[]) as w (word) where position(w.word in lower(p.name)) = 0)
            or starts_with(p.number, ${text.trim() || null}))
     order by name collate "nb-NO-x-icu", id
     limit ${limit}`);
}
