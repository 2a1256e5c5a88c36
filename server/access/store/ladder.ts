import { sql, type Tx } from '#kernel/database.ts';
import type { ResourceId } from '#kernel/ids.ts';

/** The ladder that what is sent on a resource from now on will climb. Whether there is such a ladder is for the watch to say. */
export async function saveLadderOfResource(tx: Tx, id: ResourceId, ladder: string): Promise<void> {
  await tx.run(sql`update access.resource set ladder = ${ladder} where id = ${id} and ladder <> ${ladder}`);
}
