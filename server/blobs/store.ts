import pg from 'pg';
import { type Db, prepared, type Reader, type Sql, sql, type Tx } from '#kernel/database.ts';
import type { BlobKey } from '#kernel/ids.ts';
import type { ByteRange, StoredBlob, StoredSegment } from './blobs.ts';
import type { Digests } from './bytes.ts';

/*
 * Times here are real time (`statement_timestamp()`), not the domain's: an unbound key is a lease, and a sandbox that moves
 * its clock by a year must not sweep an upload that is still running.
 */

/** The row of a key whose bytes are about to come. */
export function saveReceiving(db: Db, key: BlobKey): Promise<void> {
  return db.transaction(async (tx) => {
    await tx.run(sql`insert into blobs.blob (key, state, at) values (${key}, 'receiving', statement_timestamp())`);
  });
}

/** The same for whoever writes the rows itself, with those of its own, and commits them before the first byte (`receive` of an announced key). */
export function announceBlobs(tx: Tx, keys: readonly BlobKey[]): void {
  if (keys.length === 0) return;
  tx.send(
    prepared(
      sql`insert into blobs.blob (key, state, at) select key, 'receiving', statement_timestamp() from unnest(${keys}::uuid[]) as k (key)`,
    ),
  );
}

/** Bytes that are about to come, and what they are to be the bytes of. */
export interface Meant {
  readonly key: BlobKey;
  readonly meantFor: string;
}

/** The same for bytes of something that does not know of them before they are bound: who would bring others for it may ask (`listAwaiting`). */
export function announceMeant(tx: Tx, rows: readonly Meant[]): void {
  if (rows.length === 0) return;
  tx.send(
    prepared(sql`
      insert into blobs.blob (key, meant_for, state, at)
      select key, meant_for, 'receiving', statement_timestamp()
        from unnest(${rows.map(({ key }) => key)}::uuid[], ${rows.map(({ meantFor }) => meantFor)}::uuid[]) as m (key, meant_for)`),
  );
}

/** Of these things, those that wait for bytes that were announced within so many seconds and are neither bound nor given up. index: blob_unbound */
export async function listAwaiting(reader: Reader, things: readonly string[], seconds: number): Promise<Set<string>> {
  const rows = await reader.all<{ thing: string }>(sql`
    select meant_for as thing from blobs.blob
     where state = 'receiving' and state <> 'bound' and at > statement_timestamp() - make_interval(secs => ${seconds})
       and meant_for = any(${things}::uuid[])`);
  return new Set(rows.map(({ thing }) => thing));
}

/** Nothing waits for these bytes any more; those of whom nobody knows whether they were bound stay. */
export function awaitNoMore(tx: Tx, keys: readonly BlobKey[]): void {
  if (keys.length === 0) return;
  tx.send(sql`update blobs.blob set meant_for = null where key = any(${keys}::uuid[]) and state = 'receiving'`);
}

/** Renews the lease of a key whose bytes are still coming. */
export function renewReceiving(db: Db, key: BlobKey): Promise<void> {
  return db.transaction(async (tx) => {
    await tx.run(sql`update blobs.blob set at = statement_timestamp() where key = ${key} and state = 'receiving'`);
  });
}

/**
 * Fragment: bytes for the key, which is SQL, still come, or have just come. In real time, and far longer than between two renewals.
 */
export function isReceiving(key: Sql): Sql {
  return sql`exists (
    select from blobs.blob b
     where b.key = ${key} and b.state in ('receiving', 'stored') and b.at > statement_timestamp() - interval '1 hour')`;
}

/** The bytes are whole. False when the key was swept meanwhile. */
export function saveStored(db: Db, blob: Digests & Pick<StoredBlob, 'key' | 'sizeBytes'>): Promise<boolean> {
  return db.transaction(async (tx) => {
    const saved = await tx.run(sql`
      update blobs.blob
         set state = 'stored', size_bytes = ${blob.sizeBytes}, md5 = ${blob.md5}, sha256 = ${blob.sha256}, at = statement_timestamp()
       where key = ${blob.key} and state = 'receiving'`);
    return saved === 1;
  });
}

/**
 * The keys belong to what the transaction writes, and are not swept. One that is not stored (swept, released, bound before,
 * never there) fails the transaction. A key twice in the list counts once.
 */
export function bindBlobs(tx: Tx, keys: readonly BlobKey[]): void {
  if (keys.length === 0) return;
  tx.send(sql`
    with bound as (
      update blobs.blob set state = 'bound', at = statement_timestamp()
       where key = any(${keys}::uuid[]) and state = 'stored'
      returning key
    ), wanted as (
      select count(distinct key) as many from unnest(${keys}::uuid[]) as key
    )
    -- the cast fails on purpose: a statement whose result nobody reads can say no only by an error
    select case when count(bound.key) = wanted.many then 1 else ('only ' || count(bound.key) || ' of ' || wanted.many || ' blobs to bind are stored')::int end
      from wanted left join bound on true
     group by wanted.many`);
}

/**
 * The bytes of announced keys are whole, and belong to what the transaction writes. A key that was swept meanwhile, released or bound
 * before fails the transaction; so does one that is there twice.
 */
export function bindReceived(tx: Tx, blobs: readonly (StoredSegment & Partial<Pick<StoredBlob, 'md5'>>)[]): void {
  if (blobs.length === 0) return;
  tx.send(sql`
    with bound as (
      update blobs.blob b
         set state = 'bound', size_bytes = r.size_bytes, md5 = r.md5, sha256 = r.sha256, meant_for = null, at = statement_timestamp()
        from unnest(${blobs.map((b) => b.key)}::uuid[], ${blobs.map((b) => b.sizeBytes)}::bigint[], ${blobs.map((b) => b.md5 ?? null)}::text[],
                    ${blobs.map((b) => b.sha256)}::text[]) as r (key, size_bytes, md5, sha256)
       where b.key = r.key and b.key = any(${blobs.map((b) => b.key)}::uuid[]) and b.state in ('receiving', 'stored')
      returning b.key
    )
    -- see bindBlobs
    select case when count(*) = ${blobs.length}::integer then 1
                else ('only ' || count(*) || ' of ' || ${blobs.length}::integer || ' blobs to bind are there')::int end from bound`);
}

/**
 * A blob without bytes of its own: those of the segments, which are bound to whoever joins them and to nothing else from now on, in
 * this order and at least one. It comes as `stored`, for the transaction to bind or release.
 */
export function joinBlobs(tx: Tx, whole: StoredBlob, segments: readonly Omit<Segment, 'start'>[]): void {
  tx.send(sql`
    insert into blobs.blob (key, state, size_bytes, md5, sha256, at)
    values (${whole.key}, 'stored', ${whole.sizeBytes}, ${whole.md5}, ${whole.sha256}, statement_timestamp())`);
  tx.send(sql`
    insert into blobs.segment (blob_key, start_byte, size_bytes, segment_key)
    select ${whole.key}, sum(size_bytes) over (order by ordinal) - size_bytes, size_bytes, key
      from unnest(${segments.map((s) => s.sizeBytes)}::bigint[], ${segments.map((s) => s.key)}::uuid[])
           with ordinality as s (size_bytes, key, ordinal)`);
}

/** A run of bytes of a joined blob. */
export interface Segment {
  readonly key: BlobKey;
  /** Of its first byte in the whole. */
  readonly start: number;
  readonly sizeBytes: number;
}

/** The first segments of a joined blob with bytes in this range, in order; none of any other blob. index: segment_pkey */
export function listSegments(reader: Reader, key: BlobKey, range: Required<ByteRange>, limit: number): Promise<Segment[]> {
  return reader.all<Segment>(sql`
    select segment_key as key, start_byte::float8 as start, size_bytes::float8 as "sizeBytes"
      from blobs.segment
     where blob_key = ${key} and start_byte <= ${range.end} and start_byte + size_bytes > ${range.start}
       and start_byte >= coalesce((select max(start_byte) from blobs.segment where blob_key = ${key} and start_byte <= ${range.start}), 0)
     order by start_byte
     limit ${limit}`);
}

/** Nobody needs the bytes any more, nor those of segments; the sweeper takes them once the transaction is committed. Safe to repeat. */
export function releaseBlobs(tx: Tx, keys: readonly BlobKey[]): void {
  if (keys.length === 0) return;
  tx.send(sql`
    update blobs.blob set state = 'released', at = statement_timestamp()
     where key in (select unnest(${keys}::uuid[]) union select segment_key from blobs.segment where blob_key = any(${keys}::uuid[]))
       and state <> 'released'`);
}

/** Releases a key unless somebody has bound it; waits for a transaction that is binding it. False when it is bound or gone. */
export function releaseUnbound(db: Db, key: BlobKey): Promise<boolean> {
  return db.transaction(async (tx) => {
    const released = await tx.run(sql`
      update blobs.blob set state = 'released', at = statement_timestamp() where key = ${key} and state <> 'bound'`);
    return released === 1;
  });
}

/**
 * Releases up to `limit` keys that nobody bound within their lease. Rows that a transaction is binding are passed over.
 * index: blob_unbound
 */
export function releaseExpired(db: Db, leaseSeconds: number, limit: number): Promise<number> {
  return db.transaction((tx) =>
    tx.run(sql`
      update blobs.blob set state = 'released', at = statement_timestamp()
       where key in (
         select key from blobs.blob
          where state in ('receiving', 'stored') and state <> 'bound'
            and at < statement_timestamp() - make_interval(secs => ${leaseSeconds})
          order by at
          limit ${limit}
            for update skip locked)`),
  );
}

/** Held by a copy of the store under way: what the copied database names must stay until it is copied. */
const keepingLock = 7076;

/**
 * Up to `limit` keys whose bytes may go, oldest first; none while a copy is under way. One that was listed before the copy
 * began was released before, so the copy does not name it. index: blob_unbound
 */
export async function listReleased(db: Db, limit: number): Promise<BlobKey[]> {
  const rows = await db.all<{ key: BlobKey }>(sql`
    select key from blobs.blob
     where state = 'released' and state <> 'bound'
       and not exists (
         select from pg_locks
          where locktype = 'advisory' and (classid, objid, objsubid) = (0, ${keepingLock}, 1) and granted
            and database = (select oid from pg_database where datname = current_database()))
     order by at limit ${limit}`);
  return rows.map((row) => row.key);
}

/** A copy of the store is under way. */
export interface Keeping {
  /** Throws when the database went away meanwhile, and with it the promise. */
  check(): Promise<void>;
  release(): Promise<void>;
}

/** From now until `release`, or until this process ends, the bytes of released keys stay. */
export async function keepReleased(url: string): Promise<Keeping> {
  const client = new pg.Client({ connectionString: url, application_name: 'budstikke keeps blobs' });
  client.on('error', () => {});
  await client.connect();
  await client.query('select pg_advisory_lock_shared($1)', [keepingLock]);
  return { check: async () => void (await client.query('select 1')), release: () => client.end().catch(() => {}) };
}

/** A key that a row names, or did a moment ago. */
export interface KeptBlob {
  readonly key: BlobKey;
  readonly isBound: boolean;
  readonly isEncrypted: boolean;
  /** Of the bytes as they came. */
  readonly sha256: string | null;
}

/** The keys after one and up to another, in their order, that have bytes, which came in whole: what is joined has none of its own. index: blob_pkey */
export function listKept(reader: Reader, { after, upTo, limit }: { after: string; upTo: string; limit: number }): Promise<KeptBlob[]> {
  return reader.all<KeptBlob>(sql`
    select key, state = 'bound' as "isBound", key_id is not null as "isEncrypted", sha256
      from blobs.blob
     where key > ${after} and key <= ${upTo} and state <> 'receiving'
       and not exists (select from blobs.segment s where s.blob_key = blob.key)
     order by key
     limit ${limit}`);
}

/** Forgets keys whose bytes are gone. Tells how many this call forgot: another process may have been first. */
export function forgetReleased(db: Db, keys: readonly BlobKey[]): Promise<number> {
  return db.transaction((tx) => tx.run(sql`delete from blobs.blob where key = any(${keys}::uuid[]) and state = 'released'`));
}

/** SHA-256 of the bytes of these keys as they came, of those that nothing else tells damage of: what is encrypted is sealed. index: blob_pkey */
export async function listPlainHashes(reader: Reader, keys: readonly BlobKey[]): Promise<ReadonlyMap<BlobKey, string>> {
  const rows = await reader.all<{ key: BlobKey; sha256: string }>(sql`
    select key, sha256 from blobs.blob where key = any(${keys}::uuid[]) and key_id is null and sha256 is not null`);
  return new Map(rows.map(({ key, sha256 }) => [key, sha256]));
}

/** Of these keys, those that have a row. index: blob_pkey */
export async function listKnown(reader: Reader, keys: readonly BlobKey[]): Promise<Set<BlobKey>> {
  const rows = await reader.all<{ key: BlobKey }>(sql`select key from blobs.blob where key = any(${keys}::uuid[])`);
  return new Set(rows.map(({ key }) => key));
}

/** The id that this database's object store carries; made when it is asked for first. */
export function findInstallation(db: Db): Promise<string> {
  return db.transaction(async (tx) => {
    await tx.run(sql`insert into blobs.installation (id) values (gen_random_uuid()) on conflict do nothing`);
    return (await tx.one<{ id: string }>(sql`select id from blobs.installation`)).id;
  });
}

export interface Amounts {
  /** About how many, by the database's own estimate: counting them all would read them all. */
  readonly blobs: number;
  /** Uploads under way, or broken off and not swept yet. */
  readonly receiving: number;
}

/** -- index: blob_unbound */
export function readAmounts(reader: Reader): Promise<Amounts> {
  return reader.one<Amounts>(sql`
    select greatest(c.reltuples, 0)::float8 as blobs, (select count(*)::integer from blobs.blob where state = 'receiving') as receiving
      from pg_class c where c.oid = 'blobs.blob'::regclass`);
}
