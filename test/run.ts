import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureWebBuilt } from '../web/build.ts';
import { urlVariable, withScratchCluster } from './cluster.ts';
import { inBatches } from './run/batches.ts';
import { createReport } from './run/report.ts';
import { runFiles } from './run/run-files.ts';
import { isToBeTriedAgain, verdict } from './run/verdict.ts';

/**
 * `npm test`: every test file, on one PostgreSQL that is made for the run and removed afterwards.
 * `npm test -- server/db watch` runs the files whose path holds one of the words. `npm test -- --again` runs what failed once more, alone:
 * test/README.md says when and why.
 */

const root = fileURLToPath(new URL('..', import.meta.url));

/** Tests wait more than they compute: on two cores six files at once take half the time of two. */
const filesAtOnce = Math.max(2, availableParallelism() * 3);
/** On a machine that is slow, or shared with others, they compute more than they wait, and few keep it busy. */
const filesAtLeast = Math.max(2, Math.ceil(availableParallelism() * 1.5));
/** A browser has four processes and a server beside it; one that gets no turn for seconds fails without a cause. */
const browsersAtOnce = Math.max(1, availableParallelism());

/** What Node has made of a file once, other test files and the servers that they start need not make again: a third of their start. */
const compiled = process.env.NODE_COMPILE_CACHE ?? fileURLToPath(new URL('../node_modules/.cache/compile', import.meta.url));
process.env.NODE_COMPILE_CACHE = compiled;

process.exit(await main(process.argv.slice(2)));

async function main(args: readonly string[]): Promise<number> {
  const again = args.includes('--again');
  const words = args.filter((word) => word !== '--again');
  const files = globSync('{server,test,tools,cli,sdk,demo,bench,web}/**/*.test.ts', {
    cwd: root,
    exclude: (path) => path.startsWith('web/dist'),
  }).filter((path) => words.length === 0 || words.some((word) => path.includes(word)));
  if (files.length === 0) {
    console.error(`No test file has ${words.join(' or ')} in its path.`);
    return 2;
  }
  await Promise.all([ensureWebBuilt(), compileServer()]); // once, before a dozen servers are started that all want it
  const stopped = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopped.abort());
  if (process.env[urlVariable]) return runAll(files, again, stopped.signal);
  return withScratchCluster((url) => {
    process.env[urlVariable] = url;
    return runAll(files, again, stopped.signal);
  });
}

/** On a new checkout: what is killed keeps nothing of what it has compiled, and six that begin together would each compile all. */
async function compileServer(): Promise<void> {
  if (existsSync(compiled)) return;
  const load = ['--input-type=module', '--eval', `await import('./server/serve.ts'); process.exit()`];
  await once(spawn(process.execPath, load, { cwd: root, stdio: 'ignore' }), 'close');
}

async function runAll(files: readonly string[], again: boolean, signal: AbortSignal): Promise<number> {
  const report = createReport();
  const batches = inBatches(files, (file) => readFileSync(join(root, file), 'utf8'));
  const first = await runFiles(batches, { root, filesAtOnce, filesAtLeast, browsersAtOnce, signal }, report.show);
  const failed = first.filter(({ failures }) => failures.length > 0).map(({ file }) => file);
  const second =
    again && !signal.aborted && isToBeTriedAgain(batches.filter((batch) => batch.some((file) => failed.includes(file))).length)
      ? await runFiles(
          failed.map((file) => [file]),
          { root, filesAtOnce: 1, filesAtLeast: 1, browsersAtOnce: 1, signal },
          report.show,
        )
      : [];
  await report.end(first);
  const { passes, lines } = verdict(first, second);
  for (const line of lines) console.log(line);
  return passes && !signal.aborted ? 0 : 1;
}
