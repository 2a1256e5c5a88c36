import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dayInOslo } from '../oslo.ts';
import { boundsOf, type Day } from '../store/statement.ts';
import { createTown, letter, send } from '../testing/town.ts';
import { makeDueStatements } from './make-due-statements.ts';
import type { Statements } from './wire.ts';

const town = await createTown();
const { world, orphan } = town;
const minute = 60_000;

/** The next days that have 23 or 25 hours, one of each. */
async function daysOfChange(): Promise<Day[]> {
  const found: Day[] = [];
  for (let at = world.ctx.now().getTime(); found.length < 2; at += 24 * 60 * minute) {
    const day = await boundsOf(world.db, new Date(at).toISOString().slice(0, 10));
    if (day.to.getTime() - day.from.getTime() !== 24 * 60 * minute) found.push(day);
  }
  return found;
}

async function goTo(at: number): Promise<void> {
  await world.advance((at - world.ctx.now().getTime()) / 1000);
  while ((await makeDueStatements(town.ctx)) === 'more');
}

async function madeOf(day: string): Promise<Statements['statements']> {
  return (await town.json<Statements>(`GET /statements?from=${day}&to=${day}`, 'sender')).statements;
}

for (const { day, from, to } of await daysOfChange())
  test(`given the day in Norway that has ${(to.getTime() - from.getTime()) / 60 / minute} hours, when post comes in its last hour, then its statement is made a quarter of an hour after its end, has that post, and hangs together with the next`, async () => {
    await send(town, letter([orphan]));
    await goTo(from.getTime() + 20 * minute);
    await goTo(to.getTime() - 44 * minute);
    assert.deepEqual(await madeOf(day), []);
    await send(town, letter([orphan]));
    await goTo(to.getTime() + 14 * minute);
    assert.deepEqual(await madeOf(day), []);

    await goTo(to.getTime() + 16 * minute);

    const [made] = await madeOf(day);
    assert.deepEqual([made?.broken, made?.messages?.stock?.accepted], [[], 1]);
    await goTo(to.getTime() + 24 * 60 * minute + 16 * minute);
    const [next] = await madeOf(dayInOslo(to));
    assert.deepEqual([next?.broken, next?.previousSha256], [[], made!.sha256]);
  });
