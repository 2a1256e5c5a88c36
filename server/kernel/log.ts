import pino from 'pino';

/** One line per request and per job: ids, codes, milliseconds. Never titles, bodies, file names, addresses or identity numbers. */
export interface Log {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** JSON lines on standard output (synchronous: a line that was written survives a kill). */
export function createLog(level: LogLevel): Log {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ dest: 1, sync: true }));
}

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
