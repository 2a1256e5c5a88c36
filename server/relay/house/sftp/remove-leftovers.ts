import type { Remote } from './remote-files.ts';

/** What we make in `.making`, and nobody else: `<shipment>.<own>`, the draft of its entry, and what was taken back. */
const ours = /^([0-9a-f-]{36})\.(?:[0-9a-f-]{36}(\.entry)?|back)$/;

/** No envelope takes so long to pack. */
const staleSeconds = 24 * 60 * 60;
/** As many are swept after one drop, so that it does not wait long. */
const mostSwept = 20;

interface Left {
  readonly making: string;
  readonly ledger: string;
  readonly id: string;
}

/**
 * What others packed of the same shipment, or lost their line packing; and of other shipments, which may never be dropped again, what has lain
 * for a day. What the ledger names stays until its operator takes the entry away: it is to be moved yet, and were it gone, its letter would
 * count as delivered.
 */
export async function removeLeftovers(remote: Remote, { making, ledger, id }: Left): Promise<void> {
  const isFree = async (name: string): Promise<boolean> => {
    const named = await remote.read(`${ledger}/${ours.exec(name)![1]}`);
    return named?.toString('utf8') !== name;
  };
  const found = (await remote.list(making)).filter(({ filename }) => ours.test(filename));
  for (const { filename } of found.filter((one) => one.filename.startsWith(`${id}.`)))
    if (await isFree(filename)) await remote.remove(`${making}/${filename}`);

  // by the server's own clock: something has just been renamed out of the directory, or it is later than it says, and less is swept
  const now = (await remote.changedAt(making)) ?? 0;
  const stale = found.filter(({ filename, attrs }) => !filename.startsWith(`${id}.`) && attrs.mtime < now - staleSeconds);
  try {
    for (const { filename } of stale.slice(0, mostSwept)) if (await isFree(filename)) await remote.remove(`${making}/${filename}`);
  } catch {
    // the letter is in its place, and whoever drops the next one sweeps again
  }
}
