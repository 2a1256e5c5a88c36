import { once } from 'node:events';
import { spec } from 'node:test/reporters';
import type { FileRun, TestEvent } from './run-files.ts';

const shownDearest = 10;

export interface Report {
  show(events: readonly TestEvent[]): void;
  /** Says last what failed, what each file cost that cost most, and what did not run, so that nobody takes that for what passed. */
  end(files: readonly FileRun[]): Promise<void>;
}

/** What people see of a run, as Node's reporter tells it. */
export function createReport(): Report {
  const begun = Date.now();
  const reporter = new spec();
  reporter.pipe(process.stdout, { end: false });
  return {
    show: (events) => {
      for (const event of events) reporter.write(event);
    },
    async end(files) {
      const ended = once(reporter, 'end');
      reporter.end();
      await ended;
      for (const line of [...sums(files, (Date.now() - begun) / 1000), ...dearest(files), ...notRun(files)]) console.log(line);
    },
  };
}

function sums(files: readonly FileRun[], seconds: number): string[] {
  const sum = (count: (file: FileRun) => number): number => files.reduce((all, file) => all + count(file), 0);
  const [passed, failed, skipped] = [sum((one) => one.passed), sum((one) => one.failures.length), sum((one) => one.skipped.length)];
  return ['', `${passed} passed, ${failed} failed, ${skipped} skipped, in ${files.length} files and ${Math.round(seconds)} s.`];
}

/** What a run costs is seen by everybody who runs it. Seconds are those of the clock, of a file among others. */
function dearest(files: readonly FileRun[]): string[] {
  const sorted = files.toSorted((a, b) => b.seconds - a.seconds).slice(0, shownDearest);
  if (sorted.length === 1) return [];
  return ['', 'The dearest files:', ...sorted.map(({ file, seconds }) => `  ${seconds.toFixed(1).padStart(6)} s  ${file}`)];
}

function notRun(files: readonly FileRun[]): string[] {
  const skipped = files.flatMap(({ file, skipped: names }) => names.map((name) => `  ${file}: ${name}`));
  return ['', skipped.length === 0 ? 'Nothing was skipped.' : `Skipped (${skipped.length}):`, ...skipped];
}
