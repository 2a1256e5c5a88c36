import type { Db } from '#kernel/database.ts';
import { StartError } from '#kernel/start-error.ts';
import { emptyKeyring, type Keyring, readKeyring } from './keyring.ts';
import { announceRing } from './rings.ts';
import { isKeyInUse, listKeys, registerKeys } from './store.ts';

/** What every key wraps once, so that another key of the same id is found out before it is used. */
const witnessed = Buffer.alloc(32, 'budstikke');

const about = (id: string): string => `witness of ${id}`;

/**
 * The keys of the settings, compared with those that this database was encrypted by. Refuses (StartError) a file that cannot be read, a key
 * that is another one than of old, and that one is missing by which something still is encrypted.
 */
export async function openKeyring(db: Db, path: string | undefined): Promise<Keyring> {
  const keyring = path === undefined ? emptyKeyring : readKeyring(path);
  for (const { id, witness } of await listKeys(db)) {
    if (keyring.ids.includes(id)) checkWitness(keyring, id, witness);
    else if (await isKeyInUse(db, id)) throw new StartError(missingKey(id, path));
  }
  // Not before: a file that is refused makes no key known, or the right one could never have its id.
  const known = await registerKeys(
    db,
    keyring.ids.map((id) => ({ id, witness: keyring.wrapBy(id, witnessed, about(id)).wrapped })),
  );
  for (const { id, witness } of known) if (keyring.ids.includes(id)) checkWitness(keyring, id, witness); // another server may have come first
  return keyring;
}

/** The same for a server. That it runs with these keys is known to every rotation from before they are compared until it leaves. */
export async function openServerKeyring(db: Db, path: string | undefined): Promise<{ readonly keyring: Keyring; leave(): Promise<void> }> {
  const { leave } = await announceRing(db, path === undefined ? emptyKeyring : readKeyring(path));
  try {
    return { keyring: await openKeyring(db, path), leave };
  } catch (error) {
    await leave();
    throw error;
  }
}

function checkWitness(keyring: Keyring, id: string, wrapped: Buffer): void {
  try {
    if (keyring.unwrap({ keyId: id, wrapped }, about(id)).equals(witnessed)) return;
  } catch {
    // told below
  }
  throw new StartError(
    `The key "${id}" in the file that BUDSTIKKE_ENCRYPTION_KEYS names is not the one that this database was encrypted by. Put the old one back, and give a new one an id of its own.`,
  );
}

function missingKey(id: string, path: string | undefined): string {
  const where =
    path === undefined
      ? 'BUDSTIKKE_ENCRYPTION_KEYS is not set'
      : `the file that BUDSTIKKE_ENCRYPTION_KEYS names does not hold it (${path})`;
  return `What is kept is encrypted by the key "${id}", and ${where}. Without it that can never be read. A key may leave the file when \`budstikke keys rotate\` says so.`;
}
