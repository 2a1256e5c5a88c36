import pg from 'pg';
import { plainContents } from '#kernel/contents.ts';
import type { Reader, Sql } from '#kernel/database.ts';
import { many, maybeOne, oneOf } from '../../server/db/rows.ts';
import { typeParsers } from '../../server/db/types.ts';

/** What the year itself wants to know, a few small questions at each stop and always the same: planned once, and with no transaction around them. */
export interface Asker {
  readonly reader: Reader;
  close(): Promise<void>;
}

export async function openAsker(url: string): Promise<Asker> {
  const client = new pg.Client({ connectionString: url, types: typeParsers, pipeline: true } as pg.ClientConfig);
  await client.connect();
  await client.query(`set timezone = 'UTC'; set plan_cache_mode = force_generic_plan; set enable_seqscan = off`);
  const names = new Map<string, string>();
  const ask = ({ text, values }: Sql) => {
    const name = names.get(text) ?? `year ${names.size}`;
    names.set(text, name);
    return client.query({ name, text, values: [...values] });
  };
  return {
    reader: {
      contents: plainContents,
      all: <T>(query: Sql) => ask(query).then(many<T>),
      maybe: <T>(query: Sql) => ask(query).then(maybeOne<T>),
      one: <T>(query: Sql) => ask(query).then(oneOf<T>),
    },
    close: () => client.end(),
  };
}
