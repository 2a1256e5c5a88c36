/** The connection went while COMMIT was under way: the transaction may have been committed or not. Look for its ids before trying again. */
export class CommitUnknown extends Error {
  override readonly name = 'CommitUnknown';
  constructor(cause: unknown) {
    super('the connection was lost at commit; whether it was committed is unknown', { cause });
  }
}

/** Code of the database's or the system's error, or the empty string. */
export function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}

/** Serialization failure or deadlock: the same work may succeed on fresh state. */
export const isContention = (error: unknown): boolean => ['40001', '40P01'].includes(codeOf(error));

const lostCodes = new Set(['57P01', '57P02', '57P03', 'ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH']);
const lostMessages = /^Connection terminated|is not queryable$|^timeout expired$|^timeout exceeded when trying to connect$/;

/** The server went away, is starting or stopping, or cannot be reached. */
export function isConnectionLoss(error: unknown): boolean {
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
