import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Part } from '../../sdk/index.ts';

/** What is remembered of a file on its way, so that the same command goes on with it. */
export interface Remembered {
  readonly fileTransferId: string;
  readonly sizeBytes: number;
  readonly changedAtMillis: number;
  readonly md5: string;
  readonly sha256: string;
  readonly parts: readonly Part[];
}

/** Where one sending is remembered: of a file to recipients on a resource of a server, announced in these very words. */
export interface StateFile {
  read(): Remembered | undefined;
  /** Whole or not at all, whatever dies meanwhile. */
  write(state: Remembered): void;
  remove(): void;
}

export function stateFileOf(announced: object): StateFile {
  const folder = join(process.env.XDG_STATE_HOME || join(homedir(), '.local/state'), 'budstikke/transfers');
  const path = join(folder, `${createHash('sha256').update(JSON.stringify(announced)).digest('hex').slice(0, 40)}.json`);
  return {
    read() {
      try {
        return JSON.parse(readFileSync(path, 'utf8')) as Remembered;
      } catch {
        return undefined;
      }
    },
    write(state) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const beside = `${path}.${randomUUID()}`;
      writeFileSync(beside, `${JSON.stringify(state)}\n`, { mode: 0o600, flush: true });
      renameSync(beside, path);
    },
    remove: () => rmSync(path, { force: true }),
  };
}
