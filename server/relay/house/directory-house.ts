import { randomUUID } from 'node:crypto';
import { access, link, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { collectStatusIn } from './directory-status.ts';
import { packFile } from './pack-file.ts';
import type { Envelope, PrintHouse } from './print-house.ts';

/**
 * A directory that a print house fetches from: a folder for each envelope, named by its shipment, which appears whole. The house may take
 * it away or delete it at any time.
 *
 * An envelope is packed under a name of its own in `.making`; the name is entered in `.ledger` under the shipment's id, which succeeds
 * once for each shipment, whoever else packs the same; and what was entered is moved to its place. Whoever comes after a crash finds the
 * entry and moves what it names, or finds it gone: then it was in its place before. So nothing is ever dropped twice.
 */
export function createDirectoryHouse({ directory }: { readonly directory: string }): PrintHouse {
  const making = join(directory, '.making');
  const ledger = join(directory, '.ledger');
  return {
    async takeBack(id) {
      await mkdir(making, { recursive: true, mode: 0o700 });
      await removeForgotten(making);
      return (await isPutInPlace(join(directory, id), join(making, `${id}.back`))) || isThere(join(making, `${id}.back`));
    },
    forget: (id) => rm(join(making, `${id}.back`), { recursive: true, force: true }),
    collectStatus: (take) => collectStatusIn(join(directory, 'status'), take),
    async drop(envelope) {
      for (const folder of [making, ledger]) await mkdir(folder, { recursive: true, mode: 0o700 });
      const entered = (await entryOf(ledger, envelope.id)) ?? (await packAndEnter(envelope, making, ledger));
      await isPutInPlace(join(making, entered), join(directory, envelope.id));
      await sync(directory);
      await removeLeftovers(making, envelope.id);
    },
  };
}

async function entryOf(ledger: string, id: string): Promise<string | undefined> {
  try {
    return await readFile(join(ledger, id), 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function packAndEnter(envelope: Envelope, making: string, ledger: string): Promise<string> {
  const own = `${envelope.id}.${randomUUID()}`;
  const folder = join(making, own);
  try {
    await pack(envelope, folder);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return enter(ledger, envelope.id, own);
}

async function pack({ files, manifest }: Envelope, folder: string): Promise<void> {
  await mkdir(folder, { mode: 0o750 });
  for (const file of files) await packFile(file, join(folder, file.file));
  await writeFile(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`, { flag: 'wx', mode: 0o640, flush: true });
  await sync(folder);
}

/** Whose packing it is that goes: ours, unless another was entered before. A link is made whole or not at all. */
async function enter(ledger: string, id: string, own: string): Promise<string> {
  const draft = join(ledger, `.${own}`);
  await writeFile(draft, own, { mode: 0o600, flush: true });
  try {
    await link(draft, join(ledger, id));
    await sync(ledger);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return (await entryOf(ledger, id))!;
}

/** False: there was nothing to move. */
async function isPutInPlace(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error;
    return false;
  }
}

/** What was taken back by whoever died before it forgot it: a letter that nobody is to have. */
async function removeForgotten(making: string): Promise<void> {
  const back = (await readdir(making)).filter((name) => name.endsWith('.back'));
  for (const name of back) {
    const { ctimeMs } = await stat(join(making, name)).catch(() => ({ ctimeMs: Number.POSITIVE_INFINITY }));
    if (ctimeMs < Date.now() - dayMillis) await rm(join(making, name), { recursive: true, force: true });
  }
}

/** Whoever takes a letter back settles it long before. */
const dayMillis = 86_400_000;

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

/** What others packed of the same, or died packing. One that still packs finds its folder gone, and its shipment dropped. */
async function removeLeftovers(making: string, id: string): Promise<void> {
  const left = (await readdir(making)).filter((name) => name.startsWith(`${id}.`));
  for (const name of left) await rm(join(making, name), { recursive: true, force: true });
}

/** What was made or renamed in it stays, whatever happens to the machine. */
async function sync(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const isCode = (error: unknown, code: string): boolean => error instanceof Error && 'code' in error && error.code === code;
