import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type Closers, createClosers } from './closers.ts';
import { type BenchOptions, type FileLoad, fileLoads, type Report, stores } from './options.ts';

interface Bench {
  readonly name: string;
  readonly summary: string;
  readonly connections: readonly number[];
  /** Where it counts something else than what lies in inboxes. */
  readonly sizes?: readonly number[];
}

/** Each stands in a file of its name, and gives a report. */
const benches: readonly Bench[] = [
  { name: 'send', summary: 'letters over HTTP, one recipient each', connections: [64, 256] },
  { name: 'send500', summary: 'letters over HTTP, 500 recipients each', connections: [4] },
  { name: 'inbox', summary: 'lists and openings while others send, in two sizes of inbox', connections: [8] },
  { name: 'mailing', summary: 'a mailing through the bulk door', connections: [1] },
  { name: 'openability', summary: 'who can open, and may, over a million parties', connections: [1] },
  { name: 'notify', summary: 'notices to a mail server, beside the bare mail library', connections: [5] },
  { name: 'upload', summary: 'files that come, beside a bare server, one that writes the same rows, and sftp', connections: [8] },
  { name: 'download', summary: 'files that are fetched, beside a bare server and nginx', connections: [8] },
  { name: 'year', summary: 'the simulated year, beside what the machine writes bare', connections: [64], sizes: [10_000] },
  { name: 'smoke', summary: 'all of them for a moment, to see that they work; its numbers mean nothing', connections: [4] },
];

const numbers = (text: string): number[] =>
  text.split(',').map((part) => {
    const number = Number(part);
    if (!(number > 0)) throw new InvalidArgumentError('must be numbers greater than 0, parted by commas');
    return number;
  });
function loadsIn(text: string): FileLoad[] {
  const named = text.split(',');
  if (named.some((name) => !fileLoads.includes(name as FileLoad))) throw new InvalidArgumentError(`must be of ${fileLoads.join(', ')}`);
  return named as FileLoad[];
}
const number = (text: string): number => numbers(text)[0]!;

const atLeastNothing = (text: string): number => (text === '0' ? 0 : number(text));

const closers = createClosers();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void endEarly());

let ending = false;
async function endEarly(): Promise<void> {
  if (ending) return;
  ending = true;
  await closers.closeAll();
  process.exit(130);
}

const program = new Command('npm run bench --')
  .description(
    'Measures Budstikke against the bare path of the same rows, in one run and in alternation. docs/performance.md tells what the numbers mean.',
  )
  .showHelpAfterError('(npm run bench -- --help tells what there is)')
  .allowExcessArguments(false);

for (const bench of benches.filter(({ name }) => existsSync(fileOf(name)))) addCommand(bench);
await program.parseAsync();

function addCommand({ name, summary, connections, sizes = [100_000, 1_000_000] }: Bench): void {
  program
    .command(name)
    .description(summary)
    .option('--seconds <n>', 'length of a measured run', number, 8)
    .option('--warm-up <n>', 'seconds before it that do not count', number, 2)
    .option('--repeats <n>', 'of each, alternating', number, 3)
    .option('--connections <list>', 'connections at once, of files for small ones; each number measured by itself', numbers, connections)
    .addOption(
      new Option('--side-work <which>', 'whether what follows a send is worked off meanwhile')
        .choices(['on', 'off', 'both'])
        .default('both'),
    )
    .option('--recipients <n>', 'that the town has', number, 4000)
    .option('--standing <n>', 'messages that stand in the tables before anything is sent, 0 too', atLeastNothing, 20_000)
    .option('--sizes <list>', 'messages in all inboxes, for inbox and mailing; letters of the year', numbers, sizes)
    .option('--mebibytes <n>', 'of the largest file, for upload and download', number, 1024)
    .option('--loads <list>', `of ${fileLoads.join(', ')}: which files, for upload and download`, loadsIn, [...fileLoads])
    .addOption(
      new Option('--store <which>', 'where bytes lie, for upload and download; s3 is Ceph of Debian').choices(stores).default('directory'),
    )
    .option(
      '--profile',
      'tells which functions of the server and which statements took the time, and keeps CPU profiles in budstikke-profiles',
      false,
    )
    .option('--directory <path>', 'where databases lie meanwhile', tmpdir())
    .option('--json <file>', 'writes every run')
    .action(async (given: Given) => {
      process.exitCode = await measure(name, given);
    });
}

interface Given extends Omit<BenchOptions, 'warmUpSeconds' | 'sideWork' | 'durable'> {
  readonly warmUp: number;
  readonly sideWork: 'on' | 'off' | 'both';
  readonly json?: string;
}

/** Exit code 0 when what must hold on every machine held, whether goals were met or not. */
async function measure(name: string, { warmUp, sideWork, json, ...given }: Given): Promise<number> {
  const options: BenchOptions = {
    ...given,
    directory: resolve(given.directory),
    warmUpSeconds: warmUp,
    sideWork: sideWork === 'both' ? ['off', 'on'] : [sideWork],
    durable: true,
  };
  await mkdir(options.directory, { recursive: true });
  try {
    const { run } = (await import(fileOf(name))) as { run: (options: BenchOptions, closers: Closers) => Promise<Report> };
    const report = await run(options, closers);
    show(report);
    if (json)
      await writeFile(json, `${JSON.stringify(report, (_, value) => (value instanceof Map ? Object.fromEntries(value) : value), 2)}\n`);
    return report.faults.length > 0 ? 1 : 0;
  } catch (error) {
    if (!ending) console.error(error);
    return 1;
  } finally {
    await closers.closeAll();
  }
}

function show({ goals, faults }: Report): void {
  console.log('\ngoals');
  for (const { what, measured, goal, isMet } of goals) {
    console.log(`  ${measured.toFixed(2).padStart(8)}  (goal ${goal.toFixed(2)})  ${isMet ? 'met   ' : 'missed'}  ${what}`);
  }
  for (const fault of faults) console.log(`\nFAULT: ${fault}`);
}

function fileOf(name: string): string {
  return join(import.meta.dirname, `${name}.ts`);
}
