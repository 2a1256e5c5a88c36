import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';

/** What identity needs of a party: the register's published view. */
export interface KnownParty {
  readonly id: PartyId;
  readonly kind: 'person' | 'organization' | 'system-user';
  /** Of a system user: whom it belongs to. */
  readonly ownerId: PartyId | null;
}

export function findPartyByUuid(reader: Reader, id: string): Promise<KnownParty | undefined> {
  return reader.maybe<KnownParty>(sql`select id, kind, parent_id as "ownerId" from register.party_face where id = ${id}`);
}

export function findPartyByPartyNumber(reader: Reader, partyNumber: number): Promise<KnownParty | undefined> {
  return reader.maybe<KnownParty>(sql`select id, kind, parent_id as "ownerId" from register.party_face where party_id = ${partyNumber}`);
}

/** That a party came, and through which client; `clientId` is empty for a person's own login. */
export interface Seen {
  readonly party: PartyId;
  readonly clientId: string;
  /** The token may read post or files. */
  readonly readScope: boolean;
  readonly authLevel: number;
  readonly at: Date;
}

/**
 * Notes who was seen. The time and the level only rise, a read scope once seen stays; rows that say nothing new are left
 * as they are. Sorted by key, so that two processes never wait for each other crosswise.
 */
export function saveActivity(tx: Tx, seen: readonly Seen[]): void {
  if (seen.length === 0) return;
  tx.send(sql`
    insert into identity.activity as a (party_id, client_id, read_scope, auth_level, last_seen_at)
    select party, client, read_scope, level, at
      from unnest(${seen.map((s) => s.party)}::uuid[], ${seen.map((s) => s.clientId)}::text[], ${seen.map((s) => s.readScope)}::boolean[],
                  ${seen.map((s) => s.authLevel)}::smallint[], ${seen.map((s) => s.at)}::timestamptz[]) as s (party, client, read_scope, level, at)
     order by party, client
        on conflict (party_id, client_id) do update
       set read_scope = a.read_scope or excluded.read_scope,
           auth_level = greatest(a.auth_level, excluded.auth_level),
           last_seen_at = greatest(a.last_seen_at, excluded.last_seen_at),
           quiet_at = case when excluded.last_seen_at > a.last_seen_at then null else a.quiet_at end
     where (excluded.read_scope and not a.read_scope) or excluded.auth_level > a.auth_level or excluded.last_seen_at > a.last_seen_at`);
}

/** So long a machine counts as one that fetches after it was seen. Source: compatibility.md, platform, who can open. */
const fetchesFor = sql`interval '30 days'`;
const isHeard = sql`a.read_scope and a.client_id <> '' and a.quiet_at is null`;

/** Notes of machines that they have not been seen for 30 days, and says of how many. -- index: activity_not_quiet */
export async function saveQuiet(tx: Tx, limit: number): Promise<number> {
  return tx.run(sql`
    update identity.activity s set quiet_at = clock.now()
      from (select a.party_id, a.client_id from identity.activity a
             where ${isHeard} and a.last_seen_at <= clock.now() - ${fetchesFor}
             order by a.last_seen_at limit ${limit} for update skip locked) q
     where s.party_id = q.party_id and s.client_id = q.client_id`);
}

/** When the next machine will not have been seen for 30 days; null when none is counted on. -- index: activity_not_quiet */
export async function findNextQuiet(reader: Reader): Promise<Date | null> {
  const next = await reader.maybe<{ at: Date }>(sql`
    select a.last_seen_at + ${fetchesFor} as at from identity.activity a where ${isHeard} order by a.last_seen_at limit 1`);
  return next?.at ?? null;
}

/** A system that may ask for tokens: whose it is, its public key and the scopes it may have. */
export interface Client {
  readonly clientId: string;
  readonly organizationId: PartyId;
  readonly keyId: string | null;
  readonly publicJwk: Readonly<Record<string, unknown>> | null;
  readonly scopes: readonly string[];
}

export async function findClient(reader: Reader, clientId: string): Promise<Client | undefined> {
  return (await findClients(reader, [clientId])).get(clientId);
}

export async function findClients(reader: Reader, clientIds: readonly string[]): Promise<Map<string, Client>> {
  const clients = await reader.all<Client>(sql`
    select client_id as "clientId", organization_id as "organizationId", key_id as "keyId", public_jwk as "publicJwk", scopes
      from identity.client
     where client_id = any(${clientIds}::text[])`);
  return new Map(clients.map((client) => [client.clientId, client]));
}

/** Makes clients or replaces what is known of them; an equal one is left as it is. */
export function saveClients(tx: Tx, clients: readonly Client[]): void {
  if (clients.length === 0) return;
  tx.send(sql`
    insert into identity.client as c (client_id, organization_id, key_id, public_jwk, scopes)
    select "clientId", "organizationId", "keyId", "publicJwk", scopes
      from jsonb_to_recordset(${JSON.stringify(clients)}::jsonb)
        as r ("clientId" text, "organizationId" uuid, "keyId" text, "publicJwk" jsonb, scopes text[])
     order by "clientId"
        on conflict (client_id) do update
       set organization_id = excluded.organization_id, key_id = excluded.key_id, public_jwk = excluded.public_jwk, scopes = excluded.scopes
     where (c.organization_id, c.key_id, c.public_jwk, c.scopes)
           is distinct from (excluded.organization_id, excluded.key_id, excluded.public_jwk, excluded.scopes)`);
}

/** A client by which an organization has come, or may. */
export interface OwnClient {
  /** Empty: a token that named no client. */
  readonly clientId: string;
  /** Known to this installation by itself, as in a sandbox; where it is not, whoever gives out tokens knows it. */
  readonly isRegistered: boolean;
  readonly keyId: string | null;
  /** `RSA`, `EC` or `OKP`; null where no key is known here. */
  readonly keyType: string | null;
  readonly scopes: readonly string[];
  readonly lastSeenAt: Date | null;
}

export interface KeysAsked {
  /** The last one of those that were read before. */
  readonly after?: string | null;
  readonly limit: number;
}

/**
 * Clients of an organization by their names: those that are registered here, and those by which it came with a token of an issuer outside.
 * -- index: client_organization, activity_pkey
 */
export function listClientsOf(reader: Reader, organization: PartyId, { after = null, limit }: KeysAsked): Promise<OwnClient[]> {
  return reader.all<OwnClient>(sql`
    select coalesce(c.client_id, a.client_id) as "clientId", c.client_id is not null as "isRegistered", c.key_id as "keyId",
           c.public_jwk ->> 'kty' as "keyType", coalesce(c.scopes, '{}') as scopes, a.last_seen_at as "lastSeenAt"
      from (select * from identity.client where organization_id = ${organization} and (${after}::text is null or client_id > ${after})
             order by client_id limit ${limit}) c
      full join (select client_id, last_seen_at from identity.activity
                 where party_id = ${organization} and (${after}::text is null or client_id > ${after})
                 order by client_id limit ${limit}) a
        on a.client_id = c.client_id
     order by 1
     limit ${limit}`);
}

/** By which clients each of these came, and when; the latest first. -- index: activity_pkey */
export function listSeenClients(
  reader: Reader,
  parties: readonly PartyId[],
  limit: number,
): Promise<{ party: PartyId; clientId: string; lastSeenAt: Date }[]> {
  return reader.all(sql`
    select party_id as party, client_id as "clientId", last_seen_at as "lastSeenAt"
      from identity.activity
     where party_id = any (${parties}::uuid[])
     order by last_seen_at desc, party_id, client_id
     limit ${limit}`);
}

export interface SeenCertificate {
  /** SHA-256, lower-case hex. */
  readonly thumbprint: string;
  readonly validTo: Date;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
}

/** Certificates that were shown for an organization, and held, the latest first; after one of them, if it is named. -- index: certificate_organization */
export function listCertificatesOf(reader: Reader, organization: PartyId, { after = null, limit }: KeysAsked): Promise<SeenCertificate[]> {
  return reader.all<SeenCertificate>(sql`
    select thumbprint, valid_to as "validTo", first_seen_at as "firstSeenAt", last_seen_at as "lastSeenAt"
      from identity.certificate c
     where organization_id = ${organization}
       and (${after}::text is null
            or exists (select from identity.certificate b
                        where b.organization_id = ${organization} and b.thumbprint = ${after}
                          and (c.last_seen_at < b.last_seen_at or c.last_seen_at = b.last_seen_at and c.thumbprint > b.thumbprint)))
     order by last_seen_at desc, thumbprint
     limit ${limit}`);
}

/** That a certificate was shown for an organization, and held. Written once an hour at most: what says nothing new is left as it is. */
export function saveCertificateSeen(
  tx: Tx,
  { organization, thumbprint, validTo, at }: { organization: PartyId; thumbprint: string; validTo: Date; at: Date },
): void {
  tx.send(sql`
    insert into identity.certificate as c (thumbprint, organization_id, valid_to, first_seen_at, last_seen_at)
    values (${thumbprint}, ${organization}, ${validTo}, ${at}, ${at})
        on conflict (thumbprint) do update set last_seen_at = excluded.last_seen_at
     where excluded.last_seen_at >= c.last_seen_at + interval '1 hour'`);
}
