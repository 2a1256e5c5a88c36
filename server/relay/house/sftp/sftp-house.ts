import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { fileAsItIs } from '../pack-file.ts';
import type { Envelope, PrintHouse } from '../print-house.ts';
import { collectStatusOver } from './collect-status.ts';
import { isMissing, type Remote, type SftpPlace, withRemote } from './remote.ts';

/**
 * A directory that lies with the print house, reached by SFTP, in which the same stands as in one of our own: a folder for each envelope
 * that appears whole, `.making`, `.ledger`, and `status`.
 *
 * Never twice, by what every SFTP server can: an envelope is packed in `.making` under a name of its own; that name is written to a draft,
 * which is renamed into the ledger under the shipment's id. A rename is refused where something has that name, so of several that pack
 * the same one is entered; its packing is renamed to its place. Whoever comes after a cut line finds the entry and renames what it names, or finds
 * it gone: then it was in its place before.
 */
export function createSftpHouse(place: SftpPlace): PrintHouse {
  return {
    drop: (envelope) => withRemote(place, (remote) => drop(remote, place.directory, envelope)),
    collectStatus: (take) => withRemote(place, (remote) => collectStatusOver(remote, `${place.directory}/status`, take)),
  };
}

async function drop(remote: Remote, directory: string, envelope: Envelope): Promise<void> {
  const [making, ledger] = [`${directory}/.making`, `${directory}/.ledger`];
  for (const folder of [making, ledger]) await remote.makeDirectory(folder);
  const entered = (await entryOf(remote, ledger, envelope.id)) ?? (await packAndEnter(remote, envelope, { making, ledger }));
  await remote.rename(`${making}/${entered}`, `${directory}/${envelope.id}`);
  await removeLeftovers(remote, making, envelope.id);
}

async function entryOf(remote: Remote, ledger: string, id: string): Promise<string | undefined> {
  return (await remote.read(`${ledger}/${id}`))?.toString('utf8');
}

async function packAndEnter(remote: Remote, envelope: Envelope, { making, ledger }: { making: string; ledger: string }): Promise<string> {
  const own = `${envelope.id}.${randomUUID()}`;
  const folder = `${making}/${own}`;
  try {
    await remote.makeDirectory(folder);
    for (const file of envelope.files) await remote.write(`${folder}/${file.file}`, fileAsItIs(file));
    await remote.write(`${folder}/manifest.json`, Readable.from([Buffer.from(`${JSON.stringify(envelope.manifest, null, 2)}\n`)]));
  } catch (error) {
    await remote.remove(folder).catch(() => {}); // the line may be cut: whoever drops it next removes it
    throw error;
  }
  return enter(remote, { ledger, id: envelope.id, own });
}

/** Whose packing it is that goes: ours, unless another was entered before. */
async function enter(remote: Remote, { ledger, id, own }: { ledger: string; id: string; own: string }): Promise<string> {
  const draft = `${ledger}/.${own}`;
  await remote.write(draft, Readable.from([Buffer.from(own)]));
  try {
    await remote.rename(draft, `${ledger}/${id}`);
    return own;
  } catch (error) {
    const entered = await entryOf(remote, ledger, id);
    if (entered === undefined) throw error;
    return entered;
  } finally {
    await remote.remove(draft).catch(() => {});
  }
}

/** What others packed of the same, or lost their line packing. */
async function removeLeftovers(remote: Remote, making: string, id: string): Promise<void> {
  const left = (await remote.list(making)).filter(({ filename }) => filename.startsWith(`${id}.`));
  for (const { filename } of left) await remote.remove(`${making}/${filename}`).catch(ignoreMissing);
}

function ignoreMissing(error: unknown): void {
  if (!isMissing(error)) throw error;
}
