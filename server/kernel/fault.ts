/** Digits that may be an identity, organization or telephone number, and what looks like an e-mail address. */
const telling = /[\w.+-]+@[\w.-]+|\+?\d{8,}/g;

const framesKept = 8;

/** Errors whose message repeats the value that was wrong: bad data in SQL, bad JSON. */
function repeatsData(error: Error, code: unknown): boolean {
  return error instanceof SyntaxError || (typeof code === 'string' && /^22...$/.test(code));
}

/** What the log may keep of an unexpected error: its name, code, message and place, without what may be personal. */
export function describeFault(thrown: unknown): { error: string; code?: string; message?: string; at?: readonly string[] } {
  if (!(thrown instanceof Error)) return { error: typeof thrown };
  const { code } = thrown as { code?: unknown };
  const at = (thrown.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    error: thrown.name,
    ...(typeof code === 'string' ? { code } : {}),
    ...(repeatsData(thrown, code) ? {} : { message: thrown.message.replaceAll(telling, '*') }),
    at: at.slice(0, framesKept).map((line) => line.trim()),
  };
}
