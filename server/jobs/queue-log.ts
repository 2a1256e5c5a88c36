import { Logger } from 'graphile-worker';
import type { Log } from '#kernel/log.ts';

/**
 * What the queue itself has to say, in our log: warnings and errors, without its metadata (which holds payloads).
 * Done and failed jobs have their line from us.
 */
export function queueLog(log: Log): Logger {
  return new Logger(() => (level, message, meta) => {
    if (meta.failure === true) return;
    if (level === 'error') log.error({ queue: firstLine(message) }, 'the job queue reports an error');
    if (level === 'warning') log.warn({ queue: firstLine(message) }, 'the job queue warns');
  });
}

const firstLine = (message: string): string => message.split('\n', 1)[0] ?? '';
