import { mkdir, readdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isStatusFile, mostStatusBytes, mostStatusFiles, type TakeStatus } from './print-house.ts';

/** Reads what lies in the directory, and moves each file to `read` or `refused` when it is taken. */
export async function collectStatusIn(directory: string, take: TakeStatus): Promise<'more' | undefined> {
  for (const folder of ['read', 'refused']) await mkdir(join(directory, folder), { recursive: true });
  const names = (await readdir(directory)).filter(isStatusFile).sort();
  for (const name of names.slice(0, mostStatusFiles)) {
    const path = join(directory, name);
    const bytes = (await stat(path)).size > mostStatusBytes ? null : await readFile(path);
    const isRead = await take(bytes);
    await rename(path, join(directory, isRead ? 'read' : 'refused', name));
  }
  return names.length > mostStatusFiles ? 'more' : undefined;
}
