import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { StartError } from '#kernel/start-error.ts';

/** A data key as it is kept: shut in by the key of that id. */
export interface WrappedKey {
  readonly keyId: string;
  readonly wrapped: Buffer;
}

/** The keys that data keys are shut in by. They lie with the operator and never in the database. */
export interface Keyring {
  /** By which what is new is wrapped; undefined when nothing is to be encrypted. */
  readonly current: string | undefined;
  readonly ids: readonly string[];
  /** `about` is what the data key is for: shut in for one thing, it opens for no other. */
  wrap(dataKey: Buffer, about: string): WrappedKey;
  wrapBy(keyId: string, dataKey: Buffer, about: string): WrappedKey;
  /** Throws `KeyUnknown` when the ring does not hold the key, and Node's error when it is another one, or something was changed. */
  unwrap(key: WrappedKey, about: string): Buffer;
}

/** Something is encrypted by a key that is not among those of the settings. */
export class KeyUnknown extends Error {
  override readonly name = 'KeyUnknown';
}

const algorithm = 'aes-256-gcm';
const [nonceBytes, tagBytes] = [12, 16];
const version = Buffer.from([1]);

export function createKeyring(keys: ReadonlyMap<string, Buffer>): Keyring {
  const [current] = keys.keys();
  const find = (id: string): Buffer => {
    const key = keys.get(id);
    if (!key) throw new KeyUnknown(`the encryption key "${id}" is not in the file that BUDSTIKKE_ENCRYPTION_KEYS names`);
    return key;
  };
  const wrapBy = (keyId: string, dataKey: Buffer, about: string): WrappedKey => {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(algorithm, find(keyId), nonce).setAAD(Buffer.from(`${keyId}\n${about}`));
    return { keyId, wrapped: Buffer.concat([version, nonce, cipher.update(dataKey), cipher.final(), cipher.getAuthTag()]) };
  };
  return {
    current,
    ids: [...keys.keys()],
    wrapBy,
    wrap(dataKey, about) {
      if (current === undefined) throw new KeyUnknown('no encryption key is configured');
      return wrapBy(current, dataKey, about);
    },
    unwrap({ keyId, wrapped }, about) {
      const key = find(keyId);
      const nonce = wrapped.subarray(1, 1 + nonceBytes);
      const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: tagBytes }).setAAD(Buffer.from(`${keyId}\n${about}`));
      decipher.setAuthTag(wrapped.subarray(-tagBytes));
      return Buffer.concat([decipher.update(wrapped.subarray(1 + nonceBytes, -tagBytes)), decipher.final()]);
    },
  };
}

/** Nothing is encrypted, and nothing that is can be read. */
export const emptyKeyring: Keyring = createKeyring(new Map());

/**
 * The keys of a file: a line each, `id base64`, 32 bytes, the first one current; empty lines and such as begin with `#` are passed over.
 * Refuses (StartError) with the number of the line, and never with what stands there.
 */
export function readKeyring(path: string): Keyring {
  const keys = new Map<string, Buffer>();
  const refused = (why: string) => new StartError(`The file ${path}, which BUDSTIKKE_ENCRYPTION_KEYS names, ${why}.`);
  for (const [i, line] of readLines(path, refused).entries()) {
    if (line === '' || line.startsWith('#')) continue;
    const [id = '', key = '', ...more] = line.split(/\s+/);
    const bytes = Buffer.from(key, 'base64');
    if (!/^[A-Za-z0-9._-]{1,64}$/.test(id) || !/^[A-Za-z0-9+/]{43}=$/.test(key) || bytes.length !== 32 || more.length > 0)
      throw refused(`has a line ${i + 1} that is not an id (letters, digits, dots, dashes), a space and 32 bytes in base64`);
    if (keys.has(id)) throw refused(`names a key twice, again in line ${i + 1}`);
    keys.set(id, bytes);
  }
  if (keys.size === 0) throw refused('holds no key');
  return createKeyring(keys);
}

function readLines(path: string, refused: (why: string) => StartError): string[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .map((line) => line.trim());
  } catch (error) {
    throw refused(`cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
