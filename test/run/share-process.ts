import { resolve } from 'node:path';
import { run } from 'node:test';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';

/**
 * A process in which several test files run, one after the other: `share-process.ts <files>`. It tells whoever forked it what it tells
 * a reporter. `run` says nothing of a file that cannot be loaded; that is asked for afterwards.
 */
const files = process.argv.slice(2).map((file) => resolve(file));
const unheard = /^test:(?:enqueue|dequeue|complete)$/;

for await (const { type, data } of run({ files, isolation: 'none' })) {
  if (!unheard.test(type)) await tell(type, 'details' in data ? { ...data, details: plain(data.details) } : data);
}
for (const file of files) {
  await import(pathToFileURL(file).href).catch((error: unknown) =>
    tell('test:fail', { name: file, file, nesting: 0, testNumber: 0, details: { duration_ms: 0, type: 'test', error: told(error) } }),
  );
}
process.disconnect?.();

function tell(type: string, data: object): Promise<void> {
  return new Promise((done, failed) => process.send!({ type, data }, (error: Error | null) => (error ? failed(error) : done())));
}

/** Errors hold what cannot be sent: they go as the text that a reporter shows. */
function plain(details: object): object {
  return 'error' in details && details.error instanceof Error ? { ...details, error: told(details.error) } : details;
}

function told(error: unknown): object {
  const { failureType, cause = error } = error as { failureType?: string; cause?: unknown };
  const shown = new Error('');
  shown.stack = inspect(cause);
  return { code: 'ERR_TEST_FAILURE', failureType, message: String(cause), cause: shown };
}
