import { open, readFile, rm, stat } from 'node:fs/promises';

/** A holder that died between making the file and writing its number leaves it empty. */
const emptyMillis = 10_000;

/**
 * Takes a lock that is a file with the holder's process number, and gives the function that lets it go; null while a
 * living process holds it. What a process left behind that is gone is taken away, and is free the next time one asks.
 */
export async function holdLock(path: string): Promise<(() => Promise<void>) | null> {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(String(process.pid));
    await file.close();
    return () => rm(path, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const holder = Number(await readFile(path, 'utf8').catch(() => ''));
  const isLeft = holder > 0 ? !isAlive(holder) : await isOld(path);
  if (isLeft) await rm(path, { force: true });
  return null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function isOld(path: string): Promise<boolean> {
  const made = await stat(path).catch(() => null);
  return made !== null && Date.now() - made.mtimeMs > emptyMillis;
}
