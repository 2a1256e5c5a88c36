import { type Reader, type Sql, sql, type Tx } from '#kernel/database.ts';

/** A mail or SMS that a sandbox caught instead of sending it. */
export interface Caught {
  readonly id: string;
  readonly channel: 'email' | 'sms';
  readonly messageId: string;
  readonly sender: string;
  readonly address: string;
  readonly subject: string | null;
  readonly body: string;
  readonly caughtAt: Date;
}

export function saveCaught(tx: Tx, caught: readonly Omit<Caught, 'caughtAt'>[]): void {
  if (caught.length === 0) return;
  tx.send(sql`
    insert into sandbox.caught (id, channel, message_id, sender, address, subject, body, caught_at)
    select id, channel, "messageId", sender, address, subject, body, clock.now()
      from jsonb_to_recordset(${JSON.stringify(caught)}::jsonb)
        as r (id uuid, channel text, "messageId" text, sender text, address text, subject text, body text)`);
}

export interface CaughtFilter {
  /** Compared without regard to case. */
  readonly address?: string | undefined;
  /** The id that the page before ended with. */
  readonly before?: string | undefined;
  readonly limit: number;
}

const columns: Sql = sql`id, channel, message_id as "messageId", sender, address, subject, body, caught_at as "caughtAt"`;

/** Newest first. index: caught_address or the primary key */
export function listCaught(reader: Reader, { address, before, limit }: CaughtFilter): Promise<Caught[]> {
  return reader.all<Caught>(sql`
    select ${columns}
      from sandbox.caught
     where (${address ?? null}::text is null or lower(address) = lower(${address ?? null}::text))
       and (${before ?? null}::uuid is null or id < ${before ?? null}::uuid)
     order by id desc
     limit ${limit}`);
}

export function findCaught(reader: Reader, id: string): Promise<Caught | undefined> {
  return reader.maybe<Caught>(sql`select ${columns} from sandbox.caught where id = ${id}`);
}

export function deleteCaught(tx: Tx): Promise<number> {
  return tx.run(sql`delete from sandbox.caught`);
}
