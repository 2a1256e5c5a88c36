import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { createPatience } from './patience.ts';

test('given questions that wait, when answers come slowly but come, then there is patience; when none comes for the limit, it ends', (t) => {
  t.after(() => mock.timers.reset());
  mock.timers.enable({ apis: ['setTimeout'] });
  let ends = 0;
  const patience = createPatience(100, () => ends++);

  mock.timers.tick(1000); // nothing was asked
  for (let i = 0; i < 10; i++) patience.asked();
  for (let i = 0; i < 9; i++) {
    mock.timers.tick(99);
    patience.answered();
  }
  assert.equal(ends, 0, 'the tenth has waited nine times the limit, while others were answered');
  mock.timers.tick(100);
  assert.equal(ends, 1);
});

test('given answers to all that was asked, when nothing more is asked for long, then there is patience, and another question has the whole limit', (t) => {
  t.after(() => mock.timers.reset());
  mock.timers.enable({ apis: ['setTimeout'] });
  let ends = 0;
  const patience = createPatience(100, () => ends++);

  patience.asked();
  patience.answered();
  mock.timers.tick(1000);
  patience.asked();
  mock.timers.tick(60);
  patience.asked(); // no progress
  mock.timers.tick(39);
  assert.equal(ends, 0);
  mock.timers.tick(1);
  assert.equal(ends, 1);
});
