import { type Reader, sql } from '#kernel/database.ts';

/** How far ladders are behind. */
export interface WatchLag {
  /** Open watches that are late with their next action, counted up to 10,000. */
  readonly late: number;
  /** Of the one that has waited longest; 0 where none has. */
  readonly seconds: number;
}

/** For metrics: a step that falls due is taken within seconds. -- index: item_open_next */
export function readWatchLag(reader: Reader): Promise<WatchLag> {
  return reader.one<WatchLag>(sql`
    select count(*)::integer as late, coalesce(extract(epoch from clock.now() - min(next_action_at)), 0)::float8 as seconds
      from (select i.next_action_at from watch.item i
             where i.settled_at is null and i.next_action_at < clock.now() and i.next_action <> 'publish'
             order by i.next_action_at limit 10000) late`);
}
