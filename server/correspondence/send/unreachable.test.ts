import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '#kernel/database.ts';
import { Refusal } from '#kernel/refusal.ts';
import { createTown, letter, rows, send } from '../testing/town.ts';

const town = await createTown();
const { world, agency, orphan, municipality } = town;
const readers = ['package:post-til-virksomheten-med-taushetsbelagt-innhold'];
const reserve = await world.organization('STATSFORVALTEREN', { email: 'reserve@example.no' });

const to = (resourceId: string, isConfidential: boolean, recipient = orphan) =>
  send(town, letter([recipient], { resourceId, isConfidential }));
async function codeOf(work: () => Promise<unknown>): Promise<number | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error));
    return error.row.code;
  }
}

test('given confidential post that nobody can open, when its resource says refuse, accept, a fallback or nothing, then it is refused by default and where it says so', async () => {
  await world.resource('forseglet-avvis', agency, { readers, unreachable: 'refuse' });
  await world.resource('forseglet-ta-imot', agency, { readers, unreachable: 'accept' });
  await world.resource('forseglet-reserve', agency, { readers, unreachable: 'fallback', fallback: reserve.id });

  for (const resource of ['taushetsbelagt', 'forseglet-avvis']) {
    assert.equal(await world.nothingWritten(() => codeOf(() => to(resource, true))), 1044, resource);
  }
  for (const resource of ['forseglet-ta-imot', 'forseglet-reserve']) {
    const id = await to(resource, true);
    const [watch] = await rows<{ class: string; open: boolean }>(
      town,
      sql`select class, settled_at is null as open from watch.item where about = ${id}`,
    );
    assert.deepEqual(watch, { class: 'UNREACHABLE', open: true });
  }
  assert.equal(await codeOf(() => to('taushetsbelagt', true, municipality)), undefined, 'somebody could be given the right');
});

test('given ordinary post that nobody can open, when its resource says refuse, then it is refused, and accepted where it says nothing', async () => {
  await world.resource('brev-avvis', agency, { unreachable: 'refuse' });

  assert.equal(await world.nothingWritten(() => codeOf(() => to('brev-avvis', false))), 1044);
  assert.equal(await codeOf(() => to('brev-avvis', false, municipality)), undefined);
  assert.equal(await codeOf(() => to('brev', false)), undefined);
});
