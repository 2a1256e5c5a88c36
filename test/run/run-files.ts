import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from 'node:test';
import type { Batch } from './batches.ts';
import { untilCoresAreIdle } from './idle-cores.ts';
import { runShared } from './run-shared.ts';

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
  /** Batches, each in a process of its own. */
  readonly filesAtOnce: number;
  /** So many begin at once; one more only while the cores have something to spare. */
  readonly filesAtLeast: number;
  /** Of those, how many may start a browser. */
  readonly browsersAtOnce: number;
  readonly signal: AbortSignal;
}

/** For what hangs: the dearest take two minutes on a machine that is free, and five times that on one that is slow and shared. */
const testMillis = 900_000;
const sharedMillis = 2 * testMillis;
/** Node's own sums, which it says for each run: the report adds them up for all. */
const sums = /^(?:tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /;

/** Runs batches in their order, each in a process of its own, some at once. `show` gets all that one said when it is done, so that no two are mixed. */
export async function runFiles(
  batches: readonly Batch[],
  options: RunOptions,
  show: (events: readonly TestEvent[]) => void,
): Promise<FileRun[]> {
  // Each run listens for faults of this process and for the signal; more than ten at once are no leak.
  process.setMaxListeners(0);
  setMaxListeners(0, options.signal);
  const waiting = batches.map((batch) => ({ batch, hasBrowser: batch.some((file) => startsBrowser(join(options.root, file))) }));
  const done: FileRun[] = [];
  let browsers = 0;
  const takeNext = () => {
    const at = waiting.findIndex(({ hasBrowser }) => !hasBrowser || browsers < options.browsersAtOnce);
    return at === -1 || options.signal.aborted ? undefined : waiting.splice(at, 1)[0];
  };
  let running = 0;
  let room: Promise<void> = Promise.resolve();
  /** One after the other: whoever begins is seen by who asks next. */
  const untilThereIsRoom = () => {
    room = room.then(() => untilCoresAreIdle(() => running < options.filesAtLeast || options.signal.aborted));
    return room;
  };
  const takeTurns = async (): Promise<void> => {
    for (;;) {
      await untilThereIsRoom();
      const next = takeNext();
      if (!next) return;
      running += 1;
      if (next.hasBrowser) browsers += 1;
      const { events, files } = await runBatch(next.batch, options);
      if (next.hasBrowser) browsers -= 1;
      running -= 1;
      done.push(...files);
      show(events);
    }
  };
  await Promise.all(Array.from({ length: options.filesAtOnce }, takeTurns));
  return done;
}

const startsBrowser = (path: string): boolean => readFileSync(path, 'utf8').includes('startBrowser(');

/** A test that failed because one inside it did: that one is named. */
const failedByOthers = (error: object): boolean => 'failureType' in error && error.failureType === 'subtestsFailed';

async function runBatch(batch: Batch, { root, signal }: RunOptions): Promise<{ files: FileRun[]; events: TestEvent[] }> {
  const begun = Date.now();
  const [first] = batch;
  const heard =
    batch.length === 1
      ? run({ cwd: root, files: [first!], timeout: testMillis, signal })
      : runShared(batch, { cwd: root, timeout: sharedMillis, signal });
  const files = new Map(
    batch.map((file) => [join(root, file), { file, millis: 0, passed: 0, failures: [] as string[], skipped: [] as string[] }]),
  );
  const events: TestEvent[] = [];
  for await (const { type, data } of heard) {
    // What a file takes from another one to test itself by is told of that other file: nobody is to pass who may have failed.
    const mine = batch.length === 1 ? [...files.values()] : [files.get(data.file ?? '')].filter((file) => file !== undefined);
    if (type === 'test:fail' && !failedByOthers(data.details.error))
      for (const { failures } of mine.length > 0 ? mine : files.values()) failures.push(data.name);
    if (type === 'test:pass' && data.skip) mine[0]?.skipped.push(typeof data.skip === 'string' ? `${data.name} (${data.skip})` : data.name);
    else if (type === 'test:pass' && data.details.type !== 'suite') (mine[0] ?? [...files.values()][0]!).passed += 1;
    if ((type === 'test:pass' || type === 'test:fail') && data.nesting === 0)
      for (const one of mine) one.millis += data.details.duration_ms;
    if (type === 'test:summary' || (type === 'test:diagnostic' && sums.test(data.message))) continue;
    events.push({ type, data });
  }
  const seconds = (Date.now() - begun) / 1000;
  return {
    files: [...files.values()].map(({ millis, ...file }) => ({ ...file, seconds: batch.length === 1 ? seconds : millis / 1000 })),
    events,
  };
}
