import type { Caller, Context } from '#kernel/context.ts';

/** What the inbox needs beside a database and a clock. */
export interface InboxContext extends Context {
  /** Whether these headers still say that this person is calling: its session has not ended, its token not run out. */
  isStill(caller: Caller, headers: Readonly<Record<string, string | undefined>>): Promise<boolean>;
  readonly changes: ChangeFeed;
}

/** Somebody whose page is open. */
export interface Listener {
  /** Null for a person that listens to all of its parties. */
  readonly parties: ReadonlySet<string>;
  readonly caller: Caller;
  /** The number up to which it has heard. */
  heard: number;
  tell(change: Change): void;
  /** Asked now and then: false ends it. */
  isStill(): Promise<boolean>;
  end(): void;
}

/** What a page is told: that something is new, opened or otherwise changed, so that it asks again. */
export interface Change {
  readonly number: number;
  readonly kind: 'post' | 'opened' | 'counts';
  /** Null where so much has changed that everything is to be asked for again. */
  readonly party: string | null;
  readonly id: string | null;
}

/** One for each process: it looks for what is new once for all who listen. */
export interface ChangeFeed {
  /** Throws Overloaded when too many listen already. */
  add(listener: Listener): void;
  remove(listener: Listener): void;
  close(): Promise<void>;
}
