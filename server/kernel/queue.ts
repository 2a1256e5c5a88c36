import type { Sql } from './database.ts';

/** Work that waits, as whoever runs the installation looks at it. Each feature says what waits with it. */
export interface Queue {
  readonly name: QueueName;
  /** Rows with the instant `at` since which each could have been done, in domain time; only those whose time has come. */
  readonly due: Sql;
  /** For how many seconds nobody need worry. */
  readonly calmSeconds: number;
}

export type QueueName =
  | 'steps'
  | 'mail-notices'
  | 'sms-notices'
  | 'events'
  | 'inbox'
  | 'webhooks'
  | 'sender-mail'
  | 'letter-scans'
  | 'file-scans'
  | 'paper'
  | 'jobs';
