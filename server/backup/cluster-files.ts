import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Left out of a copy: what only the running instance needs. The directories are made; the write-ahead log is copied by itself. */
const emptied = new Set(['pg_wal', 'pg_replslot', 'pg_dynshmem', 'pg_notify', 'pg_serial', 'pg_snapshots', 'pg_stat_tmp', 'pg_subtrans']);
const leftOut =
  /^(postmaster\.(pid|opts)|backup_label|tablespace_map|budstikke-restore\.json|pg_internal\.init(\.\d+)?|pgsql_tmp.*|core(\.\d+)?)$/;
/** Copied after all others: it says from where recovery may begin. */
const last = 'global/pg_control';

export interface ClusterFiles {
  /** Those above come before those below. */
  readonly directories: readonly string[];
  readonly files: readonly string[];
}

/**
 * What of a running cluster belongs into a physical copy, by path from its root. A file may be gone when it is copied, and
 * may change meanwhile: the log makes good what was torn. Source: PostgreSQL's documentation, "Making a Base Backup Using
 * the Low Level API".
 */
export function listClusterFiles(cluster: string): ClusterFiles {
  const directories: string[] = [];
  const files: string[] = [];
  const walk = (path: string): void => {
    for (const entry of entriesOf(join(cluster, path))) {
      if (leftOut.test(entry.name)) continue;
      const below = path === '' ? entry.name : `${path}/${entry.name}`;
      if (entry.isFile()) files.push(below);
      if (!entry.isDirectory()) continue;
      directories.push(below);
      if (!emptied.has(below)) walk(below);
    }
  };
  walk('');
  return { directories, files: [...files.filter((path) => path !== last), last] };
}

/** A database that is dropped while we look has no files any more. */
function entriesOf(directory: string): ReturnType<typeof readDirectory> {
  try {
    return readDirectory(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

const readDirectory = (directory: string) => readdirSync(directory, { withFileTypes: true });

/** The segments of the write-ahead log from one to another, both included; their names are in the order of the log. */
export function listSegments(cluster: string, first: string, final: string): string[] {
  return readdirSync(join(cluster, 'pg_wal'))
    .filter((name) => /^[0-9A-F]{24}$/.test(name) && name >= first && name <= final)
    .sort();
}
