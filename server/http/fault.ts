/** Digits that may be an identity or organization number or a telephone number, and what looks like an e-mail address. */
const telling = /[\w.+-]+@[\w.-]+|\+?\d{8,}/g;

/** Errors whose message repeats the value that was wrong: bad data in SQL, bad JSON. */
function repeatsData(error: Error & { code?: unknown }): boolean {
  return error instanceof SyntaxError || (typeof error.code === 'string' && /^22...$/.test(error.code));
}

/**
 * What the log may keep of an unexpected error: its name, code, message and place, without what may be personal. A
 * database's `detail` repeats rows and is left out.
 */
export function describeFault(thrown: unknown): { error: string; code?: string; message?: string; at?: string[] } {
  if (!(thrown instanceof Error)) return { error: typeof thrown };
  const { code } = thrown as { code?: unknown };
  const at = (thrown.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    error: thrown.name,
    ...(typeof code === 'string' ? { code } : {}),
    ...(repeatsData(thrown) ? {} : { message: thrown.message.replaceAll(telling, '*') }),
    at: at.slice(0, 8).map((line) => line.trim()),
  };
}
