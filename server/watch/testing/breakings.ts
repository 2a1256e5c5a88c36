import type { Database } from '#db/index.ts';

/** Breaks the watch on a thing, so that what somebody does with it fails there, and answers how it is mended. */
type Breaking = (id: string) => Promise<() => Promise<unknown>>;

/** Ways in which the watches of a database can be broken. */
export function breakings({ pool }: Pick<Database, 'pool'>) {
  return {
    /** It has lost what opening takes, while an attachment was locked. */
    loseNeeds: async (id) => {
      const { rows: needs } = await pool.query('delete from watch.need where about = $1 returning *', [id]);
      await pool.query('update watch.item set attachment_locked = true where about = $1', [id]);
      return () =>
        pool.query('insert into watch.need select * from jsonb_populate_recordset(null::watch.need, $1)', [JSON.stringify(needs)]);
    },
    /** It cannot be ended. One at a time. */
    refuseEnd: async (id) => {
      await pool.query(`
        create function watch.break() returns trigger language plpgsql as $$ begin raise exception 'broken on purpose'; end $$;
        create trigger broken before update of settled_at on watch.item for each row when (new.about = '${id}') execute function watch.break()`);
      return () => pool.query('drop trigger broken on watch.item; drop function watch.break()');
    },
    /** It is not there, past the triggers that keep it. */
    lose: async (id) => {
      const found = await pool.query('select * from watch.item where about = $1', [id]);
      await pool.query(`alter table watch.item disable trigger user; delete from watch.item where about = '${id}'`);
      return async () => {
        await pool.query('insert into watch.item select * from jsonb_populate_recordset(null::watch.item, $1)', [
          JSON.stringify(found.rows),
        ]);
        await pool.query('alter table watch.item enable trigger user');
      };
    },
  } as const satisfies Readonly<Record<string, Breaking>>;
}
