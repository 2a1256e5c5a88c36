import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '#kernel/database.ts';
import { initializeTransfer } from '../send/initialize-transfer.ts';
import { createTown, openWire, rows, transferOf } from '../testing/town.ts';

/** Lists have no page numbers: clients go on from the time of the last transfer that they have seen. */
const town = await createTown();
const wire = await openWire(town);

test('given more transfers of one millisecond than a page holds, when a client pages by the time of the last, then it misses none', async () => {
  const at = new Date(Date.now() - 60_000);
  const ctx = { ...town.ctx, now: () => at };
  const made = await Promise.all(Array.from({ length: 230 }, () => initializeTransfer(ctx, town.callers.sender, transferOf(town))));

  for (const ascending of [true, false]) {
    const found = new Set<string>();
    for (let bound = ''; ; ) {
      const order = `role=Sender&orderAscending=${ascending}`;
      const page = (await (await wire.json('GET', `/filetransfer?resourceId=filer&${order}${bound}`, 'sender')).json()) as string[];
      if (page.length === 0) break;
      assert.ok(page.every((id) => !found.has(id)));
      for (const id of page) found.add(id);
      const { created } = (await (await wire.json('GET', `/filetransfer/${page.at(-1)}`, 'sender')).json()) as { created: string };
      assert.equal(Date.parse(created), at.getTime());
      bound = `&${ascending ? 'from' : 'to'}=${created}`;
    }
    assert.deepEqual([...found].sort(), [...made].sort());
  }
  const times = sql`select count(distinct t.created_at)::int as many, bool_and(r.created_at = t.created_at) as same
                      from broker.file_transfer t join broker.recipient r on r.file_transfer_id = t.id`;
  assert.deepEqual(await rows(town, times), [{ many: 230, same: true }]);
});
