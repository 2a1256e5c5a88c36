import type { Db, Reader, Sql, Tx } from '#kernel/database.ts';

/** One thing that is wrong in the SQL: a text of a function, view or query, and what stands there instead; or a trigger that does not fire. */
export type SqlMutant = {
  readonly what: string;
  /** Made where few pass for many: it is about how those are looked for. */
  readonly ofMany?: true;
} & (
  | { readonly in: 'function' | 'view'; readonly name: string; readonly from: string; readonly to: string; readonly last?: true }
  | { readonly in: 'query'; readonly from: string; readonly to: string }
  | { readonly in: 'trigger'; readonly name: string; readonly on: string }
);

/** No mistake, and no answer differs: whoever leads anything passes for one who leads many, and is looked for from the other side, wherever less has come about there. */
const fewAreMany = [
  { what: 'few are many', in: 'function', name: 'access.ties', from: ':= 16', to: ':= 0' },
  { what: 'one is enough to count exactly', in: 'function', name: 'access.ties', from: ':= 1000', to: ':= 1' },
] as const satisfies readonly SqlMutant[];

/** Does something in a database in which few pass for many, and makes it as it was. */
export function withFewAsMany<D extends Db & { readonly pool: Queryable }, T>(db: D, act: (db: D) => Promise<T>): Promise<T> {
  const [many, counted] = fewAreMany;
  return withMutant(db, many, () => withMutant(db, counted, act));
}

interface Queryable {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}

/** Does something in a database that is wrong in one way, and makes it right again. Loud where the text that it changes is not there. */
export async function withMutant<D extends Db & { readonly pool: Queryable }, T>(
  db: D,
  mutant: SqlMutant,
  act: (db: D) => Promise<T>,
): Promise<T> {
  if (mutant.in === 'query') {
    const seen = { times: 0 };
    const answer = await act(rewriting(db, mutant, seen));
    if (seen.times === 0) throw new Error(`no query was asked that has the text of: ${mutant.what}`);
    return answer;
  }
  const { wrong, right } = mutant.in === 'trigger' ? trigger(mutant) : await definition(db, mutant);
  await db.pool.query(wrong);
  try {
    return await act(db);
  } finally {
    await db.pool.query(right);
  }
}

function trigger({ name, on }: Extract<SqlMutant, { in: 'trigger' }>) {
  return { wrong: `alter table ${on} disable trigger ${name}`, right: `alter table ${on} enable trigger ${name}` };
}

async function definition({ pool }: { readonly pool: Queryable }, mutant: Extract<SqlMutant, { in: 'function' | 'view' }>) {
  const { rows } =
    mutant.in === 'view'
      ? await pool.query(`select 'create or replace view ' || $1 || ' as ' || pg_get_viewdef($1::regclass, true) as text`, [mutant.name])
      : await pool.query('select pg_get_functiondef($1::regproc) as text', [mutant.name]);
  const { text } = rows[0] as { text: string };
  const at = mutant.last ? text.lastIndexOf(mutant.from) : text.indexOf(mutant.from);
  if (at < 0) throw new Error(`${mutant.name} has no text of: ${mutant.what}\n${text}`);
  return { right: text, wrong: text.slice(0, at) + mutant.to + text.slice(at + mutant.from.length) };
}

/** Why a mistake cannot be made: the text that it changes is not there, or no query of those that were asked has it; undefined where it can. */
export async function whyStale(db: { readonly pool: Queryable }, mutant: SqlMutant, asked: readonly string[]): Promise<string | undefined> {
  if (mutant.in === 'query') return asked.some((text) => text.includes(mutant.from)) ? undefined : 'no query that is asked has the text';
  if (mutant.in === 'trigger') {
    const { rows } = await db.pool.query(
      `select 1 from pg_trigger where tgname = $1 and tgrelid = $2::regclass and tgenabled <> 'D' and not tgisinternal`,
      [mutant.name, mutant.on],
    );
    return rows.length === 1 ? undefined : 'there is no such trigger';
  }
  return definition(db, mutant).then(
    () => undefined,
    (error: Error) => error.message.split('\n')[0],
  );
}

/** The database, and the texts of all queries that are asked of it. */
export function listening<D extends Db>(db: D): { readonly db: D; readonly asked: ReadonlySet<string> } {
  const asked = new Set<string>();
  const heard = withQueries(db, (query) => {
    asked.add(query.text);
    return query;
  });
  return { db: heard, asked };
}

/** The database, but that a text of its queries is another. */
function rewriting<D extends Db>(db: D, { from, to }: { from: string; to: string }, seen: { times: number }): D {
  return withQueries(db, (query) => {
    if (!query.text.includes(from)) return query;
    seen.times += 1;
    return { ...query, text: query.text.replace(from, to) };
  });
}

function withQueries<D extends Db>(db: D, rewritten: (query: Sql) => Sql): D {
  const wrap = <R extends Reader | Tx>(reader: R): R =>
    new Proxy(reader, {
      get(target, name) {
        const member = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        if (name === 'transaction') return (work: (tx: Tx) => Promise<unknown>) => db.transaction((tx) => work(wrap(tx)));
        if (!['all', 'maybe', 'one', 'run', 'send'].includes(String(name))) return member.bind(target);
        return (query: Sql) => member.call(target, rewritten(query));
      },
    });
  return wrap(db as D & Reader);
}
