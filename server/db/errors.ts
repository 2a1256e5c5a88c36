import { OutcomeUnknown } from '#kernel/outcome-unknown.ts';
import { Overloaded } from '#kernel/overloaded.ts';

/** The connection went while COMMIT was under way: the transaction may have been committed or not. Look for its ids before trying again. */
export class CommitUnknown extends OutcomeUnknown {
  override readonly name = 'CommitUnknown';
  constructor(cause: unknown) {
    super('the connection was lost at commit; whether it was committed is unknown', { cause });
  }
}

/** Every connection of the pool was in use for as long as it is waited for one. What the caller did before this statement stands. */
export class ConnectionsBusy extends Overloaded {
  override readonly name = 'ConnectionsBusy';
  override readonly advice = 'Come again.';
  constructor(cause: unknown) {
    super(5, 'Too much is asked of the database at once.');
    this.message = 'every connection to the database was in use for too long';
    this.cause = cause;
  }
}

/** The database cannot be reached, is starting or stopping, or went away and did not come back meanwhile. Nothing of this transaction was committed; those before it stand. */
export class DatabaseAway extends Overloaded {
  override readonly name = 'DatabaseAway';
  override readonly advice = 'Come again.';
  /** Of what went wrong. */
  readonly code: string;
  constructor(cause: unknown) {
    super(5, 'The database cannot be reached.');
    this.message = 'the database cannot be reached';
    this.cause = cause;
    this.code = codeOf(cause);
  }
}

/** Code of the database's or the system's error, or the empty string. */
export function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}

/** Serialization failure or deadlock: the same work may succeed on fresh state. */
export const isContention = (error: unknown): boolean => ['40001', '40P01'].includes(codeOf(error));

const lostCodes = new Set([
  ...['53300', '57P01', '57P02', '57P03'], // it has no connection to spare; it stops, has crashed, or starts
  ...['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN'],
]);
const busyMessage = 'timeout exceeded when trying to connect';

/** The pool's word for a wait that was too long, of which nothing but its text tells. */
export const isWaitedOut = (error: unknown): boolean => error instanceof Error && error.message === busyMessage;

const lostMessages = /^Connection terminated|is not queryable$|^timeout expired$/;

/** The server went away, is starting or stopping, or cannot be reached. */
export function isConnectionLoss(error: unknown): boolean {
  if (error instanceof ConnectionsBusy || error instanceof DatabaseAway || isWaitedOut(error)) return true;
  const code = codeOf(error);
  if (lostCodes.has(code) || code.startsWith('08')) return true;
  return code === '' && error instanceof Error && lostMessages.test(error.message);
}

/** Members of a database error that quote rows: kept for whoever looks for them, hidden from logs, which print what can be enumerated. */
const quoting = ['detail', 'where', 'internalQuery'] as const;

export function hideQuotedRows(error: unknown): void {
  if (typeof error !== 'object' || error === null) return;
  for (const name of quoting) {
    if (name in error) Object.defineProperty(error, name, { enumerable: false });
  }
}
