import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '#kernel/context.ts';
import { silentLog } from '#kernel/log.ts';
import { startSweepers, sweeper } from './index.ts';

const ctx = { now: () => new Date(), log: silentLog } as Context;

test('given a sweeper, when it is started, then it runs at once and then at its interval', async () => {
  let runs = 0;
  const counting = sweeper({
    name: 'trial.count',
    everySeconds: 0.03,
    run: async () => {
      runs += 1;
    },
  });
  const running = startSweepers(ctx, [counting]);
  assert.equal(runs, 1);

  await sleep(250);
  await running.stop();

  assert.ok(runs >= 3, `${runs} runs`);
});

test('given a long run, when it is woken meanwhile, then it never overlaps with itself and runs once more afterwards', async () => {
  let [runs, together, most] = [0, 0, 0];
  const slow = sweeper({
    name: 'trial.slow',
    everySeconds: 3600,
    run: async () => {
      runs += 1;
      together += 1;
      most = Math.max(most, together);
      await sleep(40);
      together -= 1;
    },
  });
  const running = startSweepers(ctx, [slow]);

  for (let i = 0; i < 5; i += 1) slow.wake();
  await sleep(150);
  await running.stop();

  assert.equal(most, 1);
  assert.equal(runs, 2);
});

test('given a batch that was full, when it says that there is more, then it runs again at once', async () => {
  let left = 5;
  const running = startSweepers(ctx, [
    sweeper({ name: 'trial.batch', everySeconds: 3600, run: async () => (--left > 0 ? 'more' : undefined) }),
  ]);

  await sleep(30);
  await running.stop();

  assert.equal(left, 0);
});

test('given a run that fails, when its next time comes, then it is logged and tried again', async () => {
  const logged: object[] = [];
  let runs = 0;
  const failing = sweeper({
    name: 'trial.fail',
    everySeconds: 0.02,
    run: async () => {
      runs += 1;
      if (runs === 1) throw new Error('not today');
    },
  });
  const running = startSweepers({ ...ctx, log: { ...silentLog, error: (facts) => logged.push(facts) } }, [failing]);

  await sleep(150);
  await running.stop();

  assert.ok(runs >= 2);
  assert.equal(logged.length, 1);
  assert.equal((logged[0] as { sweeper: string }).sweeper, 'trial.fail');
});

test('given a run under way, when it is stopped, then that run is finished and none follows', async () => {
  let [runs, finished] = [0, 0];
  const slow = sweeper({
    name: 'trial.stop',
    everySeconds: 0.01,
    run: async () => {
      runs += 1;
      await sleep(50);
      finished += 1;
      return 'more';
    },
  });
  const running = startSweepers(ctx, [slow]);

  await running.stop();
  slow.wake();
  await sleep(80);

  assert.equal(finished, 1);
  assert.equal(runs, 1);
});

test('given a sweeper that finds work now and then, when it runs, then the runs with work have a line each, and no other', async () => {
  const lines: object[] = [];
  const write = { run: async () => 1, send: () => {} };
  const db = { transaction: (work: (tx: typeof write) => Promise<unknown>) => work(write) };
  const told = { ...ctx, db, log: { ...silentLog, debug: (facts: object) => lines.push(facts) } } as unknown as Context;
  let runs = 0;
  const running = startSweepers(told, [
    sweeper({
      name: 'trial.work',
      everySeconds: 3600,
      run: async ({ db: mine }: Context) => {
        runs += 1;
        if (runs === 2) {
          await mine.transaction(async (tx) => {
            tx.send({ text: '', values: [] });
            await tx.run({ text: '', values: [] });
          });
        }
        return runs < 3 ? 'more' : undefined;
      },
    }),
  ]);

  await sleep(30);
  await running.stop();

  assert.equal(runs, 3);
  assert.deepEqual(
    lines.map((line) => ({ ...line, ms: 0 })),
    [{ sweeper: 'trial.work', writes: 2, ms: 0 }],
  );
});
