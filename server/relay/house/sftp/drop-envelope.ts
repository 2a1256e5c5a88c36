import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { fileAsItIs } from '../pack-file.ts';
import type { Envelope } from '../print-house.ts';
import type { Remote } from './remote-files.ts';
import { removeLeftovers } from './remove-leftovers.ts';

/** The envelope was packed and entered, and is neither where it was packed nor in its place. It was not given to the house. */
export class PackingGone extends Error {
  override readonly name = 'PackingGone';
}

/** Where things lie: names that begin with a dot are not for the house. */
interface Places {
  readonly directory: string;
  readonly making: string;
  readonly ledger: string;
}

/**
 * Never twice and never lost, by what every SFTP server can. An envelope is packed in `.making` under a name of its own (`own`); a draft
 * with that name, beside it, is renamed into the ledger under the shipment's id, which is refused where something has that name: so of
 * several that pack the same one is entered. Its packing is renamed to its place. Where the line may be cut, or the answer be lost:
 *
 * - before the entry: nothing is entered, whoever comes next packs anew;
 * - after the entry: who comes next finds it, and moves the packing that it names;
 * - after the move: who comes next finds the entry and its packing gone. Nothing takes an entered packing away but the move, so it was in
 *   its place before, and the house may have fetched it: delivered.
 *
 * That last conclusion is wrong for an entry that this very run has made: nobody moved its packing before. Another run that read the entry
 * may have moved it this moment, then it is in its place. Otherwise it was lost (somebody has tidied up, or the server lies), the entry is
 * taken back, and the drop fails, so that the next one packs anew. What has then read the entry and finds no packing reads it again, and fails
 * too. What remains takes two rare things at once: a packing that is lost, and this process dead before the entry is taken back (the
 * letter would count as delivered); or two runs of one shipment (the first one's claim has run out), whose second moves what the first one has
 * just entered, and a house that fetches it before the first one looks (it would come twice).
 */
export async function dropOver(remote: Remote, directory: string, envelope: Envelope): Promise<void> {
  const places: Places = { directory, making: `${directory}/.making`, ledger: `${directory}/.ledger` };
  for (const folder of [places.making, places.ledger]) await remote.makeDirectory(folder);
  const { id } = envelope;
  const earlier = await entryOf(remote, places, id);
  const { entered, isOurs } = earlier === undefined ? await packAndEnter(remote, envelope, places) : { entered: earlier, isOurs: false };
  const isMoved = await remote.rename(`${places.making}/${entered}`, `${directory}/${id}`);
  if (!isMoved) await (isOurs ? whereOursIsGone(remote, places, id) : whereAnothersIsGone(remote, places, { id, entered }));
  await removeLeftovers(remote, { ...places, id });
}

/** Where it lies in the ledger which packing goes. */
async function entryOf(remote: Remote, { ledger }: Pick<Places, 'ledger'>, id: string): Promise<string | undefined> {
  return (await remote.read(`${ledger}/${id}`))?.toString('utf8');
}

async function whereOursIsGone(remote: Remote, { directory, ledger }: Places, id: string): Promise<void> {
  if ((await remote.changedAt(`${directory}/${id}`)) !== undefined) return;
  await remote.remove(`${ledger}/${id}`);
  throw new PackingGone(`what was packed for shipment ${id} is gone from the SFTP server before it was in its place`);
}

async function whereAnothersIsGone(remote: Remote, places: Places, { id, entered }: { id: string; entered: string }): Promise<void> {
  if ((await entryOf(remote, places, id)) === entered) return;
  throw new PackingGone(`what another run has packed for shipment ${id} is gone from the SFTP server, and that run has found it out`);
}

interface Entered {
  readonly entered: string;
  readonly isOurs: boolean;
}

async function packAndEnter(remote: Remote, envelope: Envelope, places: Places): Promise<Entered> {
  const own = `${envelope.id}.${randomUUID()}`;
  const folder = `${places.making}/${own}`;
  try {
    await remote.makeDirectory(folder);
    for (const file of envelope.files) await remote.write(`${folder}/${file.file}`, fileAsItIs(file));
    await remote.write(`${folder}/manifest.json`, Readable.from([Buffer.from(`${JSON.stringify(envelope.manifest, null, 2)}\n`)]));
  } catch (error) {
    await remote.remove(folder).catch(() => {}); // the line may be cut: whoever drops it next removes it, or it is swept
    throw error;
  }
  return enter(remote, places, { id: envelope.id, own });
}

/** Whose packing it is that goes: ours, unless another was entered before. */
async function enter(remote: Remote, places: Places, { id, own }: { id: string; own: string }): Promise<Entered> {
  const draft = `${places.making}/${own}.entry`;
  await remote.write(draft, Readable.from([Buffer.from(own)]));
  try {
    if (await remote.rename(draft, `${places.ledger}/${id}`)) return { entered: own, isOurs: true };
    throw new PackingGone(`the entry for shipment ${id} is gone from the SFTP server before it was made`); // one that was done has tidied up
  } catch (error) {
    const entered = await entryOf(remote, places, id);
    if (entered === undefined) throw error;
    return { entered, isOurs: entered === own };
  } finally {
    await remote.remove(draft).catch(() => {});
  }
}
