import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { type Contents, ContentUnreadable, type EncryptedText, plainContents } from '#kernel/contents.ts';
import type { Db, Reader } from '#kernel/database.ts';
import { describeFault } from '#kernel/fault.ts';
import { newId } from '#kernel/ids.ts';
import { type Log, silentLog } from '#kernel/log.ts';
import { contentKeyPlace } from './content-keys.ts';
import { type Keyring, KeyUnknown } from './keyring.ts';
import { findContentKeys, findNewestContentKey, saveContentKey } from './store.ts';

/*
 * How a text is encrypted: by AES-256-GCM under the key of its day, as a version, the key's id, a nonce, the ciphertext and the tag: 45
 * bytes more than the text. Authenticated with it is its place, so that it opens in its own row and column and nowhere else. Nonces are
 * drawn: under one key no more than 2^32 texts are made, which is fifty times what Norway sends in a year.
 */

const algorithm = 'aes-256-gcm';
const version = 1;
const [idBytes, nonceBytes, tagBytes] = [16, 12, 16];
const headBytes = 1 + idBytes + nonceBytes;

const dayMillis = 24 * 60 * 60 * 1000;
/** From one attempt that failed to the next, and so from one line in the log to the next. */
const againMillis = 60_000;
/** Opened keys that are kept in memory: those of some years. */
const mostKeys = 5000;

interface ContentKey {
  readonly id: string;
  readonly key: Buffer;
  readonly madeAt: Date;
}

/**
 * How the settings want contents kept. With a current key what is new is encrypted, by a key of the day that all servers share; with any,
 * what was encrypted is read. Throws what keeps the day's key from being made. That a key which is needed is missing `openKeyring` finds out.
 */
export async function openContents(db: Db, keyring: Keyring, log: Log = silentLog): Promise<Contents> {
  if (keyring.ids.length === 0 || keyring.current === undefined) return plainContents;
  const opened = new Map<string, Buffer>();
  const writing = await createWriter({ db, log }, keyring, opened);
  return {
    encrypt: (text, place) => encrypt(writing(), text, place),
    decrypt: async (reader, texts) => {
      const ids = new Set(texts.map(keyIdOf));
      const missing = [...ids].filter((id) => !opened.has(id));
      if (missing.length > 0) await openKeys(reader, keyring, missing, opened);
      return texts.map((text) => decrypt(opened.get(keyIdOf(text)), text));
    },
  };
}

/** Gives the key to write by. When it is a day old another is fetched or made meanwhile; while that fails the old one serves on. */
async function createWriter({ db, log }: { db: Db; log: Log }, keyring: Keyring, opened: Map<string, Buffer>): Promise<() => ContentKey> {
  let current = await todaysKey(db, keyring, opened);
  let renewAt = current.madeAt.getTime() + dayMillis;
  const renew = async (): Promise<void> => {
    renewAt = Date.now() + againMillis;
    try {
      current = await todaysKey(db, keyring, opened);
      renewAt = current.madeAt.getTime() + dayMillis;
    } catch (error) {
      // the database may be away, or this server's keys were rotated away: what it writes by is wrapped and can be read
      log.warn(
        { contentKey: current.id, ...describeFault(error) },
        "the day's key for contents could not be renewed: the old one serves on",
      );
    }
  };
  return () => {
    if (Date.now() >= renewAt) void renew();
    return current;
  };
}

/** The newest key that is wrapped by the current one and not a day old; a new one, where there is none that can be opened. */
async function todaysKey(db: Db, keyring: Keyring, opened: Map<string, Buffer>): Promise<ContentKey> {
  const found = await findNewestContentKey(db, keyring.current!);
  const key = found && unwrap(keyring, found);
  if (found && key) {
    opened.set(found.id, key);
    return { id: found.id, key, madeAt: found.madeAt };
  }
  const fresh = { id: newId(), key: randomBytes(32) };
  const madeAt = await saveContentKey(db, fresh.id, keyring.wrap(fresh.key, contentKeyPlace(fresh.id)));
  opened.set(fresh.id, fresh.key);
  return { ...fresh, madeAt };
}

async function openKeys(reader: Reader, keyring: Keyring, ids: readonly string[], opened: Map<string, Buffer>): Promise<void> {
  if (opened.size + ids.length > mostKeys)
    for (const id of [...opened.keys()].slice(0, ids.length + opened.size - mostKeys)) opened.delete(id);
  for (const found of await findContentKeys(reader, ids)) {
    const key = unwrap(keyring, found);
    if (key) opened.set(found.id, key);
  }
}

/** Undefined when it was changed. A key of the operator's that is missing is told as such. */
function unwrap(keyring: Keyring, { id, keyId, wrapped }: { id: string; keyId: string; wrapped: Buffer }): Buffer | undefined {
  try {
    return keyring.unwrap({ keyId, wrapped }, contentKeyPlace(id));
  } catch (error) {
    if (error instanceof KeyUnknown) throw error;
    return undefined;
  }
}

function encrypt({ id, key }: ContentKey, text: string, place: string): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(`${id}\n${place}`));
  const head = Buffer.concat([Buffer.from([version]), Buffer.from(id.replaceAll('-', ''), 'hex'), nonce]);
  return Buffer.concat([head, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
}

function keyIdOf({ bytes, place }: EncryptedText): string {
  if (bytes.length < headBytes + tagBytes || bytes[0] !== version) throw new ContentUnreadable(place);
  return bytes.toString('hex', 1, 1 + idBytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function decrypt(key: Buffer | undefined, text: EncryptedText): string {
  const { bytes, place } = text;
  if (!key) throw new ContentUnreadable(place);
  try {
    const decipher = createDecipheriv(algorithm, key, bytes.subarray(1 + idBytes, headBytes), { authTagLength: tagBytes });
    decipher.setAAD(Buffer.from(`${keyIdOf(text)}\n${place}`)).setAuthTag(bytes.subarray(-tagBytes));
    return Buffer.concat([decipher.update(bytes.subarray(headBytes, -tagBytes)), decipher.final()]).toString('utf8');
  } catch (error) {
    throw new ContentUnreadable(place, error);
  }
}
