import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGivingPlaces } from './giving-places.ts';

const nobody = { party: null, consumer: null };

test('given a place that was given away and is not left, when somebody still waits after a while, then the next silent one gives way', async () => {
  const places = createGivingPlaces(2, { mostOfOne: 2, silenceMillis: 50, patienceMillis: 20_000 });
  const [stays, goes] = [await places.enter(nobody), await places.enter(nobody)];
  const told: string[] = [];
  stays.waits(() => told.push('stays'));
  goes.waits(() => {
    told.push('goes');
    goes.leave();
  });

  await places.enter(nobody);

  assert.deepEqual(told, ['stays', 'goes']);
});
