/** What the person who starts a bench may choose. */
export interface BenchOptions {
  /** Of each measured run; the warm-up comes before it and does not count. */
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly repeats: number;
  /** Connections at once; each number is measured by itself. */
  readonly connections: readonly number[];
  /** Whether what follows a send is worked off while it is measured. */
  readonly sideWork: readonly SideWork[];
  /** Recipients that the town has. */
  readonly recipients: number;
  /** Messages that stand in the tables before anything is sent: an empty database has other plans than one in use. */
  readonly standing: number;
  /** Messages that lie in the inboxes before they are read. */
  readonly sizes: readonly number[];
  /** MiB of the largest file that is sent or fetched. */
  readonly mebibytes: number;
  /** What is carried, for upload and download. */
  readonly loads: readonly FileLoad[];
  /** Where the server's bytes lie, for upload and download. */
  readonly store: Store;
  /** Writes a CPU profile of the server, and tells where its time and the database's went. */
  readonly profile: boolean;
  /** Where databases of the bench lie while it runs. */
  readonly directory: string;
  /** False: nothing is synced to the disk. For trying out that a bench works; its numbers mean nothing. */
  readonly durable: boolean;
}

export type SideWork = 'off' | 'on';

export const stores = ['directory', 'encrypted', 's3'] as const;
export type Store = (typeof stores)[number];

/** One large file, many at once, small ones. */
export const fileLoads = ['one', 'many', 'small'] as const;
export type FileLoad = (typeof fileLoads)[number];

/** One number that a bench was made for. */
export interface Goal {
  readonly what: string;
  readonly measured: number;
  readonly goal: number;
  readonly isMet: boolean;
}

/** What a bench found out; as JSON it holds every run. */
export interface Report {
  readonly bench: string;
  readonly goals: readonly Goal[];
  /** What must hold whatever the machine, and did not: a bench that finds any has measured nothing. */
  readonly faults: readonly string[];
  readonly runs: readonly object[];
}

/** A goal that a ratio must reach. */
export function atLeast(what: string, measured: number, goal: number): Goal {
  return { what, measured, goal, isMet: measured >= goal };
}

/** A goal that a ratio must not pass. */
export function atMost(what: string, measured: number, goal: number): Goal {
  return { what, measured, goal, isMet: measured <= goal };
}
