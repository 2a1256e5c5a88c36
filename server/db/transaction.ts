import type { Duplex } from 'node:stream';
import type pg from 'pg';
import type { Contents } from '#kernel/contents.ts';
import { prepared, type Sql, sql, type Tx } from '#kernel/database.ts';
import { CommitUnknown, codeOf, hideQuotedRows, isConnectionLoss } from './errors.ts';
import { many, maybeOne, oneOf } from './rows.ts';

/** What became of an attempt. `retry` tells that nothing was committed and that the cause may pass. */
export type Attempt<T> =
  | { committed: true; value: T; wakes: readonly (() => void)[] }
  | { committed: false; error: unknown; cause: unknown };

/** Where a transaction takes place. */
export interface Place {
  readonly client: pg.ClientBase;
  readonly contents: Contents;
  /** Something else than its statements goes over the connection, and has to come behind `begin`, which else goes with the first of them. */
  readonly beginsAtOnce?: boolean;
}

/**
 * Runs `work` between begin and commit on one connection. Statements are sent at once; all have settled before commit
 * is sent, which is never in their packet: a statement whose values cannot be turned into bytes never reaches the
 * server, and the commit behind it would succeed without it. It commits only if every statement succeeded.
 */
export async function attempt<T>({ client, contents, beginsAtOnce }: Place, work: (tx: Tx) => Promise<T>): Promise<Attempt<T>> {
  const statements = new Statements(client);
  const wakes: (() => void)[] = [];
  if (beginsAtOnce) statements.begin();
  const outcome = await settled(() => work(transactionOf(statements, contents, wakes)));
  await statements.finish();
  const failure = statements.firstFailure;
  if ('error' in outcome || failure) {
    if (statements.haveBegun) await rollback(client);
    const error = 'error' in outcome && !statements.isOwn(outcome.error) ? outcome.error : failure?.error;
    return { committed: false, error, cause: failure?.error };
  }
  const notCommitted = statements.haveBegun ? await commit(client) : undefined;
  if (notCommitted) return { committed: false, error: notCommitted.error, cause: notCommitted.error };
  return { committed: true, value: outcome.value, wakes };
}

function transactionOf(statements: Statements, contents: Contents, wakes: (() => void)[]): Tx {
  return {
    contents,
    all: <T>(query: Sql) => statements.read(query, many<T>),
    maybe: <T>(query: Sql) => statements.read(query, maybeOne<T>),
    one: <T>(query: Sql) => statements.read(query, oneOf<T>),
    run: (query) => statements.read(query, (result) => result.rowCount ?? 0),
    send: (query) => void statements.issue(query),
    keepPlans: () => statements.keepPlans(),
    afterCommit: (wake) => void wakes.push(wake),
  };
}

const begin = sql`begin`;
/** Until the transaction ends. */
const keepPlans = sql`set local plan_cache_mode = force_generic_plan; set local enable_seqscan = off`;
/** One message and one answer, where two statements would be two. */
const beginKeepingPlans = sql`${begin}; ${keepPlans}`;

/** The statements of one transaction: issued, settled, and who failed first. */
class Statements {
  firstFailure: { readonly error: unknown } | undefined;
  readonly #client: pg.ClientBase;
  readonly #settled: Promise<void>[] = [];
  readonly #errors = new Set<unknown>();
  #begun = false;
  #over = false;
  #keepsPlans = false;
  #isHeld = false;

  constructor(client: pg.ClientBase) {
    this.#client = client;
  }

  /** Work that asks for nothing leaves the database alone. */
  get haveBegun(): boolean {
    return this.#begun;
  }

  issue(query: Sql): Promise<pg.QueryResult> {
    if (this.#over) throw new Error('this transaction is over: await what uses it');
    if (!this.#begun) this.begin();
    return this.#send(query);
  }

  begin(how = begin): void {
    this.#begun = true;
    void this.#send(how);
  }

  #send(query: Sql): Promise<pg.QueryResult> {
    this.#hold();
    const result = this.#client.query({
      ...nameOf(this.#keepsPlans ? prepared(query) : query),
      text: query.text,
      values: [...query.values],
    });
    const noted = result.then(
      () => {},
      (error: unknown) => this.#note(error),
    );
    this.#settled.push(noted);
    return result;
  }

  /** What is issued in one turn goes out in one packet: a write for each statement is a third of a process that sends many. */
  #hold(): void {
    if (this.#isHeld) return;
    const { stream } = (this.#client as unknown as { readonly connection: { readonly stream: Duplex } }).connection;
    this.#isHeld = true;
    stream.cork();
    process.nextTick(() => {
      this.#isHeld = false;
      stream.uncork();
    });
  }

  keepPlans(): void {
    if (this.#keepsPlans) return;
    if (this.#begun) this.issue(keepPlans);
    else this.begin(beginKeepingPlans);
    this.#keepsPlans = true;
  }

  read<R>(query: Sql, shape: (result: pg.QueryResult) => R): Promise<R> {
    const answer = this.issue(query).then(shape);
    // Whoever forgets to await it must not end the process: the statement's failure is noted and ends the transaction.
    answer.catch(() => {});
    return answer;
  }

  /** Nothing is issued after this; resolves when all that was issued has been answered. */
  async finish(): Promise<void> {
    this.#over = true;
    await Promise.all(this.#settled);
  }

  isOwn(error: unknown): boolean {
    return this.#errors.has(error);
  }

  #note(error: unknown): void {
    hideQuotedRows(error);
    this.#errors.add(error);
    this.firstFailure ??= { error };
  }
}

const names = new Map<string, string>();

/** The name under which a connection keeps a statement; of statements that are made for it only, so that there are few. */
function nameOf({ text, isPrepared }: Sql): { name?: string } {
  if (!isPrepared) return {};
  const name = names.get(text) ?? `budstikke ${names.size}`;
  names.set(text, name);
  return { name };
}

async function settled<T>(work: () => Promise<T>): Promise<{ value: T } | { error: unknown }> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error };
  }
}

async function rollback(client: pg.ClientBase): Promise<void> {
  // A connection that cannot roll back is broken, and the server rolls back for it.
  await client.query('rollback').catch(() => {});
}

/** A failed transaction's commit succeeds, with the tag of a rollback. */
async function commit(client: pg.ClientBase): Promise<{ error: unknown } | undefined> {
  try {
    const { command } = await client.query('commit');
    return command === 'COMMIT' ? undefined : { error: new Error(`not committed: the server answered ${command}`) };
  } catch (error) {
    hideQuotedRows(error);
    const unknown = isConnectionLoss(error) || codeOf(error) === '';
    return { error: unknown ? new CommitUnknown(error) : error };
  }
}
