import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from 'node:test';

/** What a reporter of Node is told. */
export interface TestEvent {
  readonly type: string;
  readonly data: object;
}

/** What became of a test file. */
export interface FileRun {
  readonly file: string;
  readonly seconds: number;
  readonly passed: number;
  /** Names of tests; of the file, where it failed as a whole. */
  readonly failures: readonly string[];
  /** Names, with the reason where there is one. */
  readonly skipped: readonly string[];
}

export interface RunOptions {
  readonly root: string;
  readonly filesAtOnce: number;
  /** Of those, how many may start a browser. */
  readonly browsersAtOnce: number;
  readonly signal: AbortSignal;
}

const testMillis = 300_000;
/** Node's own sums, which it says for each run: the report adds them up for all. */
const sums = /^(?:tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /;

/** Runs files in their order, each in a process of its own, some at once. `show` gets all that a file said when it is done, so that no two are mixed. */
export async function runFiles(
  files: readonly string[],
  options: RunOptions,
  show: (events: readonly TestEvent[]) => void,
): Promise<FileRun[]> {
  // Each run listens for faults of this process and for the signal; more than ten at once are no leak.
  process.setMaxListeners(0);
  setMaxListeners(0, options.signal);
  const waiting = files.map((file) => ({ file, hasBrowser: startsBrowser(join(options.root, file)) }));
  const done: FileRun[] = [];
  let browsers = 0;
  const takeNext = () => {
    const at = waiting.findIndex(({ hasBrowser }) => !hasBrowser || browsers < options.browsersAtOnce);
    return at === -1 || options.signal.aborted ? undefined : waiting.splice(at, 1)[0];
  };
  const takeTurns = async (): Promise<void> => {
    for (let next = takeNext(); next; next = takeNext()) {
      if (next.hasBrowser) browsers += 1;
      const { events, ...ran } = await runFile(next.file, options);
      if (next.hasBrowser) browsers -= 1;
      done.push(ran);
      show(events);
    }
  };
  await Promise.all(Array.from({ length: options.filesAtOnce }, takeTurns));
  return done;
}

const startsBrowser = (path: string): boolean => readFileSync(path, 'utf8').includes('startBrowser(');

/** A test that failed because one inside it did: that one is named. */
const failedByOthers = (error: object): boolean => 'failureType' in error && error.failureType === 'subtestsFailed';

async function runFile(file: string, { root, signal }: RunOptions): Promise<FileRun & { events: TestEvent[] }> {
  const begun = Date.now();
  const [events, failures, skipped]: [TestEvent[], string[], string[]] = [[], [], []];
  let passed = 0;
  for await (const { type, data } of run({ cwd: root, files: [file], timeout: testMillis, signal })) {
    if (type === 'test:fail' && !failedByOthers(data.details.error)) failures.push(data.name);
    if (type === 'test:pass' && data.skip) skipped.push(typeof data.skip === 'string' ? `${data.name} (${data.skip})` : data.name);
    else if (type === 'test:pass' && data.details.type !== 'suite') passed += 1;
    if (type === 'test:summary' || (type === 'test:diagnostic' && sums.test(data.message))) continue;
    events.push({ type, data });
  }
  return { file, seconds: (Date.now() - begun) / 1000, passed, failures, skipped, events };
}
