import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';
import { ensureWebBuilt } from '../web/build.ts';
import { urlVariable, withScratchCluster } from './cluster.ts';

/**
 * `npm test`: every test file, on one PostgreSQL that is made for the run and removed afterwards.
 * `npm test -- server/db watch` runs the files whose path holds one of the words.
 */

const root = fileURLToPath(new URL('..', import.meta.url));

/** Tests wait more than they compute: on two cores six files at once take half the time of two. */
const filesAtOnce = Math.max(2, availableParallelism() * 3);
const fileMillis = 300_000;

/** What Node has made of a file once, other test files and the servers that they start need not make again: a third of their start. */
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../node_modules/.cache/compile', import.meta.url));

process.exit(await main(process.argv.slice(2)));

async function main(words: readonly string[]): Promise<number> {
  const files = globSync('{server,test,tools,cli,sdk,demo,bench,web}/**/*.test.ts', {
    cwd: root,
    exclude: (path) => path.startsWith('web/dist'),
  })
    .filter((path) => words.length === 0 || words.some((word) => path.includes(word)))
    .sort();
  if (files.length === 0) {
    console.error(`No test file has ${words.join(' or ')} in its path.`);
    return 2;
  }
  await ensureWebBuilt(); // once, before a dozen servers are started that all want it
  const stopped = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopped.abort());
  if (process.env[urlVariable]) return runFiles(files, stopped.signal);
  return withScratchCluster((url) => {
    process.env[urlVariable] = url;
    return runFiles(files, stopped.signal);
  });
}

async function runFiles(files: readonly string[], signal: AbortSignal): Promise<number> {
  let failures = 0;
  const skipped: string[] = [];
  const events = run({ cwd: root, files: [...files], concurrency: filesAtOnce, timeout: fileMillis, signal });
  events.on('test:fail', () => {
    failures += 1;
  });
  events.on('test:pass', ({ name, file, skip }) => {
    if (skip === undefined || skip === false) return;
    skipped.push(`${relative(root, file ?? '')}: ${name}${typeof skip === 'string' ? ` (${skip})` : ''}`);
  });
  await pipeline(events, new spec(), process.stdout, { end: false });
  reportSkipped(skipped);
  return failures > 0 || signal.aborted ? 1 : 0;
}

/** Last of all, so that nobody takes what did not run for what passed. */
function reportSkipped(skipped: readonly string[]): void {
  console.log(skipped.length === 0 ? '\nNothing was skipped.' : `\nSkipped (${skipped.length}):`);
  for (const line of skipped) console.log(`  ${line}`);
}
