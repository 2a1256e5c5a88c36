import { randomUUID } from 'node:crypto';
import { isStatusFile, mostStatusBytes, mostStatusFiles, type TakeStatus } from '../print-house.ts';
import type { Remote } from './remote-files.ts';

/**
 * Reads what lies in `status` and puts each file away when it is taken. A line that is cut between the two has it read once more, which
 * changes nothing.
 */
export async function collectStatusOver(remote: Remote, directory: string, take: TakeStatus): Promise<'more' | undefined> {
  const found = (await remote.list(directory)).filter(({ filename, attrs }) => isStatusFile(filename) && attrs.isFile());
  const files = found.toSorted((a, b) => (a.filename < b.filename ? -1 : 1));
  if (files.length > 0) for (const folder of ['read', 'refused']) await remote.makeDirectory(`${directory}/${folder}`);
  for (const { filename, attrs } of files.slice(0, mostStatusFiles)) {
    const path = `${directory}/${filename}`;
    const bytes = attrs.size > mostStatusBytes ? null : await remote.read(path);
    if (bytes === undefined) continue; // another worker has put it away
    const folder = (await take(bytes)) ? 'read' : 'refused';
    await putAway(remote, path, `${directory}/${folder}/${filename}`);
  }
  return files.length > mostStatusFiles ? 'more' : undefined;
}

/** A name that came before gets another one, since a rename takes no other's place. */
async function putAway(remote: Remote, from: string, to: string): Promise<void> {
  try {
    await remote.rename(from, to);
  } catch {
    await remote.rename(from, to.replace(/\.json$/, `.${randomUUID()}.json`));
  }
}
