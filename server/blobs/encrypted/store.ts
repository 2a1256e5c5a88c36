import { type Db, type Reader, sql, type Tx } from '#kernel/database.ts';
import type { BlobKey } from '#kernel/ids.ts';
import type { WrappedKey } from './keyring.ts';

/** What is known of a blob that is to be read. */
export interface KeptDataKey {
  /** Of the bytes themselves, before they were encrypted; null while they are coming. */
  readonly sizeBytes: number | null;
  /** Null when they are not encrypted. */
  readonly wrapped: WrappedKey | null;
}

/** Undefined when there is no such blob. */
export async function findDataKey(reader: Reader, key: BlobKey): Promise<KeptDataKey | undefined> {
  const row = await reader.maybe<{ sizeBytes: number | null; keyId: string | null; wrapped: Buffer }>(sql`
    select size_bytes::float8 as "sizeBytes", key_id as "keyId", wrapped_key as wrapped from blobs.blob where key = ${key}`);
  return row && { sizeBytes: row.sizeBytes, wrapped: row.keyId === null ? null : { keyId: row.keyId, wrapped: row.wrapped } };
}

/** The data key of a blob whose bytes are about to come. False when it was swept. */
export function saveDataKey(db: Db, key: BlobKey, { keyId, wrapped }: WrappedKey): Promise<boolean> {
  return db.transaction(async (tx) => {
    const saved = await tx.run(sql`
      update blobs.blob set key_id = ${keyId}, wrapped_key = ${wrapped} where key = ${key} and state = 'receiving' and key_id is null`);
    return saved === 1;
  });
}

/** A key that something was encrypted by. */
export interface RegisteredKey {
  readonly id: string;
  readonly witness: Buffer;
}

/** All that are known. */
export function listKeys(reader: Reader): Promise<RegisteredKey[]> {
  return reader.all<RegisteredKey>(sql`select id, witness from blobs.encryption_key order by id`);
}

/** Makes keys known that are configured, unless they are, and gives all that are known. */
export function registerKeys(db: Db, keys: readonly RegisteredKey[]): Promise<RegisteredKey[]> {
  return db.transaction(async (tx) => {
    await tx.run(sql`
      insert into blobs.encryption_key (id, witness)
      select * from unnest(${keys.map(({ id }) => id)}::text[], ${keys.map(({ witness }) => witness)}::bytea[])
          on conflict do nothing`);
    return listKeys(tx);
  });
}

/** Whether something is still encrypted by the key: every table that holds data keys refers to it. */
export function isKeyInUse(db: Db, id: string): Promise<boolean> {
  return removeKey(db, id, 'try');
}

/** Forgets a key unless something is encrypted by it. Tells whether it is still in use. */
export function forgetKey(db: Db, id: string): Promise<boolean> {
  return removeKey(db, id, 'forget');
}

class OnlyTried extends Error {}

async function removeKey(db: Db, id: string, how: 'try' | 'forget'): Promise<boolean> {
  try {
    await db.transaction(async (tx) => {
      await tx.run(sql`delete from blobs.encryption_key where id = ${id}`);
      if (how === 'try') throw new OnlyTried();
    });
    return false;
  } catch (error) {
    if (error instanceof OnlyTried) return false;
    if ((error as { code?: unknown }).code === '23503') return true;
    throw error;
  }
}

export interface WrappedOf extends WrappedKey {
  readonly key: BlobKey;
}

/** The next `limit` blobs after one with a data key that is wrapped by this one; nobody changes them meanwhile. index: blob_encrypted */
export function lockWrapped(tx: Tx, keyId: string, { after, limit }: { after: string; limit: number }): Promise<WrappedOf[]> {
  return tx.all<WrappedOf>(sql`
    select key, key_id as "keyId", wrapped_key as wrapped
      from blobs.blob
     where key_id = ${keyId} and key > ${after}
     order by key
     limit ${limit}
       for update`);
}

export async function saveRewrapped(tx: Tx, rows: readonly WrappedOf[]): Promise<void> {
  await tx.run(sql`
    update blobs.blob b set key_id = r.key_id, wrapped_key = r.wrapped
      from unnest(${rows.map((row) => row.key)}::uuid[], ${rows.map((row) => row.keyId)}::text[], ${rows.map((row) => row.wrapped)}::bytea[])
           as r (key, key_id, wrapped)
     where b.key = r.key`);
}

/** A content key as it is kept: what the texts of a day are encrypted by. Times are real time, as those of blobs. */
export interface KeptContentKey extends WrappedKey {
  readonly id: string;
}

/** The newest one that `keyId` wraps, unless it is a day old. index: content_key_wrapped */
export function findNewestContentKey(reader: Reader, keyId: string): Promise<(KeptContentKey & { readonly madeAt: Date }) | undefined> {
  return reader.maybe(sql`
    select id, key_id as "keyId", wrapped_key as wrapped, made_at as "madeAt"
      from blobs.content_key
     where key_id = ${keyId} and made_at > statement_timestamp() - interval '1 day'
     order by id desc
     limit 1`);
}

/** Of these, those that there are. index: content_key_pkey */
export function findContentKeys(reader: Reader, ids: readonly string[]): Promise<KeptContentKey[]> {
  return reader.all<KeptContentKey>(sql`
    select id, key_id as "keyId", wrapped_key as wrapped from blobs.content_key where id = any(${ids}::uuid[])`);
}

/** Tells when it was made. Refused by the database when the key that wraps it was forgotten. */
export function saveContentKey(db: Db, id: string, { keyId, wrapped }: WrappedKey): Promise<Date> {
  return db.transaction(async (tx) => {
    const { at } = await tx.one<{ at: Date }>(sql`
      insert into blobs.content_key (id, key_id, wrapped_key, made_at) values (${id}, ${keyId}, ${wrapped}, statement_timestamp())
      returning made_at as at`);
    return at;
  });
}

/** The next ones after one that are wrapped by this key; nobody changes them meanwhile. index: content_key_wrapped */
export function lockContentKeys(tx: Tx, keyId: string, { after, limit }: { after: string; limit: number }): Promise<KeptContentKey[]> {
  return tx.all<KeptContentKey>(sql`
    select id, key_id as "keyId", wrapped_key as wrapped
      from blobs.content_key
     where key_id = ${keyId} and id > ${after}
     order by id
     limit ${limit}
       for update`);
}

export async function saveRewrappedContentKeys(tx: Tx, rows: readonly KeptContentKey[]): Promise<void> {
  await tx.run(sql`
    update blobs.content_key c set key_id = r.key_id, wrapped_key = r.wrapped
      from unnest(${rows.map((row) => row.id)}::uuid[], ${rows.map((row) => row.keyId)}::text[], ${rows.map((row) => row.wrapped)}::bytea[])
           as r (id, key_id, wrapped)
     where c.id = r.id`);
}

/** After so long without a word a server counts as gone. */
const ringLeaseSeconds = 60;

/** The keys that a running server knows. */
export interface Ring {
  readonly keyIds: readonly string[];
  /** By which it wraps what is new. */
  readonly current: string | null;
}

/** Says so, or that it still holds. */
export function saveRing(db: Db, { id, keyIds, current }: Ring & { readonly id: string }): Promise<void> {
  return db.transaction(async (tx) => {
    await tx.run(sql`
      insert into blobs.ring (id, key_ids, current_id, seen_at) values (${id}, ${keyIds}::text[], ${current}, statement_timestamp())
          on conflict (id) do update set seen_at = excluded.seen_at`);
  });
}

/** That server is no more; nor are those of which nothing was heard for a day. */
export function forgetRing(db: Db, id: string): Promise<void> {
  return db.transaction(async (tx) => {
    await tx.run(sql`delete from blobs.ring where id = ${id} or seen_at < statement_timestamp() - interval '1 day'`);
  });
}

/** Of every server that runs. */
export function listRings(reader: Reader): Promise<Ring[]> {
  return reader.all<Ring>(sql`
    select key_ids as "keyIds", current_id as current from blobs.ring
     where seen_at > statement_timestamp() - make_interval(secs => ${ringLeaseSeconds})`);
}
