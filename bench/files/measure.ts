import { setTimeout as sleep } from 'node:timers/promises';
import { median, spread } from '../figures.ts';
import { atLeast, atMost, type BenchOptions, type FileLoad, fileLoads, type Goal, type Report } from '../options.ts';
import type { BenchServer, Usage } from '../server-process.ts';

const mebibyte = 1024 * 1024;
const mostAboveIdle = 200;

/** Of a small file. */
export const smallBytes = 100_000;

/** What is carried: how many files of which size, and how many at once. */
export interface Load {
  readonly name: string;
  readonly files: number;
  readonly sizeBytes: number;
  readonly atOnce: number;
}

export interface Way {
  readonly name: string;
  /** Whether it goes to the server whose memory is watched. */
  readonly isOurs: boolean;
  /** Of the server that it goes to, where that can tell. */
  readonly usage?: () => Promise<Usage>;
  /** Left out: every load. */
  readonly carries?: (load: Load) => boolean;
  /** What need not be measured: announcements, for instance. Gives what is. */
  prepare(load: Load): Promise<() => Promise<void>>;
}

export interface FileRun {
  readonly load: string;
  readonly way: string;
  readonly mebibytesPerSecond: number;
  readonly filesPerSecond: number;
  /** Processor time of the server for a MiB, which other programs on the machine lengthen less than time by the clock. */
  readonly cpuMillisPerMebibyte: number | null;
}

/**
 * One large file, a hundred at once of as many bytes together (ten, where it is only seen whether it works), and small ones on so many
 * connections.
 */
export function loadsOf({ mebibytes, connections, loads }: Pick<BenchOptions, 'mebibytes' | 'connections' | 'loads'>): readonly Load[] {
  const small = Math.max(10, Math.min(1000, mebibytes));
  const many = mebibytes < 10 ? 10 : 100;
  const all: Record<FileLoad, readonly Load[]> = {
    one: [{ name: `one file of ${mebibytes} MiB`, files: 1, sizeBytes: mebibytes * mebibyte, atOnce: 1 }],
    many: [{ name: `${many} files at once`, files: many, sizeBytes: Math.ceil((mebibytes * mebibyte) / many), atOnce: many }],
    small: connections.map((atOnce) => ({
      name: `${small} files of 100 KB, ${atOnce} at once`,
      files: small,
      sizeBytes: smallBytes,
      atOnce,
    })),
  };
  return fileLoads.filter((load) => loads.includes(load)).flatMap((load) => all[load]);
}

export interface Measured {
  readonly bench: string;
  readonly loads: readonly Load[];
  readonly ways: readonly Way[];
  readonly server: BenchServer;
  readonly repeats: number;
  /** What was found out before anything was measured. */
  readonly faults?: readonly string[];
  readonly tellProfile: (() => Promise<readonly string[]>) | undefined;
  /** Ways of which ours must reach a share. */
  readonly goals: readonly { readonly ours: string; readonly of: string; readonly share: number }[];
}

/** Every way in turn, again and again; then the goals, by medians. */
export async function measureAll({ bench, loads, ways, server, repeats, faults = [], tellProfile, goals }: Measured): Promise<Report> {
  const idle = await server.usage();
  const runs: FileRun[] = [];
  let most = idle;
  for (const load of loads) {
    for (let repeat = 0; repeat < repeats; repeat++) {
      for (const way of ways) {
        if (way.carries?.(load) === false) continue;
        const work = await way.prepare(load);
        const watch = way.isOurs ? watchMemory(server) : undefined;
        const before = await way.usage?.();
        const begun = performance.now();
        await work();
        const seconds = (performance.now() - begun) / 1000;
        if (watch) most = larger(most, await watch.stop());
        const mebibytes = (load.files * load.sizeBytes) / mebibyte;
        const cpuMillis = before ? (await way.usage!()).cpuMillis - before.cpuMillis : null;
        runs.push({
          load: load.name,
          way: way.name,
          mebibytesPerSecond: mebibytes / seconds,
          filesPerSecond: load.files / seconds,
          cpuMillisPerMebibyte: cpuMillis === null ? null : cpuMillis / mebibytes,
        });
      }
    }
    show(
      load,
      ways.filter(({ carries }) => carries?.(load) !== false),
      runs,
      repeats,
    );
  }
  const aboveIdle = (most.residentBytes - idle.residentBytes) / mebibyte;
  console.log(`\nresident memory of our server: idle ${tellMemory(idle)}; at most ${tellMemory(most)}: ${aboveIdle.toFixed(0)} MiB more`);
  if (tellProfile) console.log(['', ...(await tellProfile())].join('\n'));
  const carried = (load: Load, way: string) => ways.some(({ name, carries }) => name === way && carries?.(load) !== false);
  const ratios = loads.flatMap((load) =>
    goals
      .filter(({ ours, of }) => carried(load, ours) && carried(load, of))
      .map(({ ours, of, share }): Goal => {
        const rate = (name: string): number => median(ofRuns(runs, load.name, name).map((run) => run.mebibytesPerSecond));
        return atLeast(`${load.name}: ${ours} / ${of}`, rate(ours) / rate(of), share);
      }),
  );
  return { bench, goals: [...ratios, atMost('resident memory above idle, MiB', aboveIdle, mostAboveIdle)], faults, runs };
}

const ofRuns = (runs: readonly FileRun[], load: string, way: string): FileRun[] =>
  runs.filter((run) => run.load === load && run.way === way);

function show({ name }: Load, ways: readonly Way[], runs: readonly FileRun[], repeats: number): void {
  console.log(`\n${name} (${repeats} repeats, alternating; min/median/max)`);
  console.log(`  ${''.padEnd(34)}${'MiB per s'.padStart(20)}${'files per s'.padStart(22)}${'server, ms per MiB'.padStart(22)}`);
  for (const way of ways) {
    const mine = ofRuns(runs, name, way.name);
    const rate = spread(mine.map((run) => run.mebibytesPerSecond));
    const files = spread(
      mine.map((run) => run.filesPerSecond),
      1,
    );
    const cpu = mine.flatMap(({ cpuMillisPerMebibyte }) => cpuMillisPerMebibyte ?? []);
    console.log(`  ${way.name.padEnd(34)}${rate.padStart(20)}${files.padStart(22)}${(cpu.length > 0 ? spread(cpu, 2) : '').padStart(22)}`);
  }
}

const everyMillis = 100;

function watchMemory(server: BenchServer): { stop(): Promise<Usage> } {
  let isOver = false;
  const watching = (async () => {
    let most = await server.usage();
    while (!isOver) {
      await sleep(everyMillis);
      most = larger(most, await server.usage());
    }
    return most;
  })();
  return {
    stop() {
      isOver = true;
      return watching;
    },
  };
}

const larger = (a: Usage, b: Usage): Usage => (b.residentBytes > a.residentBytes ? b : a);

/** What is neither V8's nor chunks is the program itself, and what the allocator has and does not give back. */
function tellMemory({ residentBytes, heapBytes, chunkBytes }: Usage): string {
  const [all, heap, chunks] = [residentBytes, heapBytes, chunkBytes].map((bytes) => (bytes / mebibyte).toFixed(0));
  return `${all} MiB (V8's heap ${heap}, chunks of bytes ${chunks})`;
}
