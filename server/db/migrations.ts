import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { StartError } from '#kernel/start-error.ts';

export interface Migration {
  /** `0042-watch-item`: they run in the order of the number. */
  readonly name: string;
  readonly text: string;
  /** SHA-256, hex, of the text as it lies in the file. */
  readonly checksum: string;
}

const directory = new URL('./migrations/', import.meta.url);

/** All migrations of this program in their order. Refuses (StartError) a file whose name does not say its number, and two with one number. */
export function readMigrations(): readonly Migration[] {
  const files = readdirSync(directory)
    .filter((file) => file.endsWith('.sql'))
    .sort();
  const numbers = new Set<string>();
  return files.map((file) => {
    const number = /^(\d{4})-[a-z0-9-]+\.sql$/.exec(file)?.[1];
    if (number === undefined) throw new StartError(`The migration ${file} is not named NNNN-title.sql.`);
    if (numbers.has(number)) throw new StartError(`Two migrations have the number ${number}.`);
    numbers.add(number);
    const text = readFileSync(new URL(file, directory), 'utf8');
    return { name: file.slice(0, -'.sql'.length), text, checksum: sha256(text) };
  });
}

/** Names the schema that all migrations together make: a database made from the same files has the same. */
export function migrationsDigest(): string {
  return sha256(
    readMigrations()
      .map(({ name, checksum }) => `${name} ${checksum}\n`)
      .join(''),
  );
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
