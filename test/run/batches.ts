import { theDearest } from './dearest.ts';

/** Test files that run in one process, one after the other. */
export type Batch = readonly string[];

const mostTogether = 8;

/**
 * What wants a process to itself: another process or a server beside it, the process's own settings, clock and globals, hooks between
 * features that are filled (`kernel/hook.ts`: of each there is one in a process), and what is done before or after each test, which would
 * be done for the tests of the others too.
 */
const wantsToBeAlone =
  /\bstart(?:Browser|OwnServer|Server|Target|Program|Command|Embedded|TestCluster)\(|launchServer\(|createApp\(|node:child_process|node:cluster|\bprocess\.(?:env|on|exit|chdir|memoryUsage|cpuUsage)|\bglobalThis\b|\bmock\.|registerHooks\(|\b(?:on|which|letters)[A-Z]\w*\.fill\(|(?:fillImplicit|connectFeatures|openPress)\(|^(?:beforeEach|afterEach)\(/m;

/**
 * Pure. The order in which files are begun, and which of them share a process: to start one and to load what nearly all need takes longer
 * than most files do. The dearest come first, then those that share, and last, so that nothing long is waited for, what is alone.
 */
export function inBatches(files: readonly string[], textOf: (file: string) => string): Batch[] {
  const place = (file: string): number => theDearest.indexOf(file);
  const dearest = files.filter((file) => place(file) !== -1).toSorted((a, b) => place(a) - place(b));
  const others = files.filter((file) => place(file) === -1).toSorted((a, b) => (a < b ? -1 : 1));
  const { alone = [], shared = [] } = Object.groupBy(others, (file) => (wantsToBeAlone.test(textOf(file)) ? 'alone' : 'shared'));
  const batches = Array.from({ length: Math.ceil(shared.length / mostTogether) }, (_, i) =>
    shared.slice(i * mostTogether, (i + 1) * mostTogether),
  );
  return [...dearest.map((file) => [file]), ...batches, ...alone.map((file) => [file])];
}
