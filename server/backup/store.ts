import pg from 'pg';
import { StartError } from '#kernel/start-error.ts';

/** One back-up at a time: PostgreSQL allows more, a disk does not. */
const backupLock = 7077;

export interface Begun {
  readonly systemIdentifier: string;
  readonly postgres: string;
  readonly startLsn: string;
  /** The segment of the write-ahead log from which recovery begins. */
  readonly firstSegment: string;
}

export interface Ended {
  readonly stopLsn: string;
  readonly lastSegment: string;
  /** What PostgreSQL wants to find as `backup_label` in the copy. */
  readonly label: string;
}

/** PostgreSQL's own back-up mode, which lasts as long as the session. */
export interface BackupSession {
  readonly begun: Begun;
  end(): Promise<Ended>;
  /** Also ends the mode, when `end` was not called. */
  close(): Promise<void>;
}

/**
 * Brings the cluster into back-up mode: a checkpoint, whole pages in the log, and no segment of the log recycled from here on.
 * Refuses (StartError) a second back-up at the same time.
 */
export async function beginBackup(url: string): Promise<BackupSession> {
  const client = new pg.Client({ connectionString: url, application_name: `budstikke backup, process ${process.pid}` });
  client.on('error', () => {});
  await client.connect();
  try {
    const { rows: locks } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1) as got', [backupLock]);
    if (locks[0]?.got !== true) throw new StartError('Another back-up of this database is running.');
    await client.query('select pg_create_physical_replication_slot($1, true, true)', [`budstikke_backup_${process.pid}`]);
    const { rows } = await client.query<Begun>(
      `select s.system_identifier::text as "systemIdentifier", current_setting('server_version') as postgres,
              b.lsn::text as "startLsn", pg_walfile_name(b.lsn) as "firstSegment"
         from pg_control_system() s, pg_backup_start('budstikke', true) as b (lsn)`,
    );
    return { begun: rows[0]!, end: () => endBackup(client), close: () => client.end() };
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
}

async function endBackup(client: pg.Client): Promise<Ended> {
  const { rows } = await client.query<Ended>(
    `select lsn::text as "stopLsn", pg_walfile_name(lsn) as "lastSegment", labelfile as label from pg_backup_stop(false)`,
  );
  return rows[0]!;
}
