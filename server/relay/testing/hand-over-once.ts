import { createDiskBlobs } from '#blobs/index.ts';
import { lettersOnPaper } from '#correspondence/index.ts';
import { createClock, createDatabase } from '#db/index.ts';
import { silentLog } from '#kernel/log.ts';
import { handOverLetters } from '../hand-over-letters.ts';
import { createDirectoryHouse } from '../house/directory-house.ts';
import type { PrintHouse } from '../house/print-house.ts';
import { lettersForPaper } from '../letter.ts';

/**
 * A worker of its own that dies by its own hand: `packing` an envelope, or when it was `dropped` and the commit is still to come. Arguments:
 * database, folder of blobs, directory of the print house, when.
 */
const [databaseUrl, blobFolder, directory, when] = process.argv.slice(2);
const db = createDatabase({ url: databaseUrl! });
const clock = createClock(db);
await clock.refresh();
lettersForPaper.fill(lettersOnPaper);
const house = createDirectoryHouse({ directory: directory! });
const die = (): never => {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('it is dead');
};
const dying: PrintHouse = {
  async drop(envelope) {
    const [first, ...others] = envelope.files;
    const breaking = [first!, ...others.map((file) => ({ ...file, read: async () => die() }))];
    await house.drop(when === 'packing' ? { ...envelope, files: breaking } : envelope);
    die();
  },
};
const blobs = createDiskBlobs({ directory: blobFolder!, db });
await handOverLetters({ db, now: clock.now, log: silentLog, blobs, printHouse: dying, addresses: { console: 'http://console' } });
