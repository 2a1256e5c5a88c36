import assert from 'node:assert/strict';
import { advanceClock, invariantsOf } from '../own-api.ts';
import { read } from '../scene.ts';
import { actAll } from './act.ts';
import { createConfirming } from './confirm-addresses.ts';
import { type Day, printDay } from './day-table.ts';
import { createFeeds } from './hear.ts';
import { type Act, dateAfter, type Plan } from './plan.ts';
import { sendAll } from './send.ts';
import type { Course, Stage } from './stage.ts';
import type { World } from './world.ts';

const dayMillis = 86_400_000;
const hourMillis = 3_600_000;
/** After how many days on which something happened the invariants are asked, besides at the end. */
const askedEvery = 25;

/** The time of the sandbox, which only goes forward. */
async function timeOf({ nobody }: Stage): Promise<number> {
  return Date.parse((await read<{ now: string }>(nobody, '/budstikke/v1/sandbox/clock')).now);
}

/**
 * A way to let the clock come to an instant; everything that falls due on the way happens, and whoever is asked about an address
 * answers. Nothing when it is past. Long ways are gone in pieces that one request may take.
 */
function createWay(stage: Stage, world: World): (instant: number) => Promise<void> {
  const longest = 30 * dayMillis;
  const confirm = createConfirming(stage, world);
  return async (instant) => {
    let now = await timeOf(stage);
    while (now < instant) {
      const ahead = Math.min(instant - now, longest);
      now = Date.parse((await advanceClock(stage.nobody, `PT${(ahead / 1000).toFixed(3)}S`)).now);
      await confirm(now);
    }
  };
}

/** The first instant from now on that is nine in the morning (UTC) of the same day of the week as the date, so that weekends are weekends. */
async function beginning(stage: Stage, date: string): Promise<number> {
  const now = await timeOf(stage);
  const weekday = new Date(date).getUTCDay();
  let at = Math.floor(now / dayMillis) * dayMillis + 9 * hourMillis;
  while (at < now || new Date(at).getUTCDay() !== weekday) at += dayMillis;
  return at;
}

/** Plays all days on which something is to happen, prints each, and answers them. Sent in the morning, acted upon an hour later. */
export async function playDays(stage: Stage, world: World, { firstDay }: Plan, courses: readonly Course[]): Promise<Day[]> {
  const start = await beginning(stage, firstDay);
  const goTo = createWay(stage, world);
  const feeds = createFeeds(stage, world, courses);
  const due = Map.groupBy(
    courses.flatMap((course) => Object.entries(course.shipment.days).map(([act, day]) => ({ course, act: act as Act, day }))),
    ({ day }) => day,
  );
  const days: Day[] = [];
  for (const day of [...due.keys()].sort((a, b) => a - b)) {
    const of = (wanted: Act): Course[] => due.get(day)!.flatMap(({ act, course }) => (act === wanted ? [course] : []));
    const morning = start + day * dayMillis;
    const sent = of('send');
    if (sent.length > 0) {
      await goTo(morning);
      await sendAll(stage, sent);
    }
    await goTo(morning + hourMillis);
    const told = await feeds.listen();
    await actAll(stage, of);
    if (days.length % askedEvery === 0) await assertInvariants(stage, world);
    days.push({ date: dateAfter(firstDay, day), told, ...countOf(of), open: courses.filter(({ id, ended }) => id && !ended).length });
    printDay(stage.table, days.at(-1)!);
  }
  // The statement of the last day is made when it is over.
  await goTo(start + (Math.max(...due.keys()) + 2) * dayMillis);
  await feeds.listen();
  return days;
}

function countOf(of: (act: Act) => readonly Course[]): Omit<Day, 'date' | 'told' | 'open'> {
  const sentAs = (name: string): number => of('send').filter(({ flagged }) => flagged?.class === name).length;
  return {
    sent: of('send').length,
    nobodyYet: sentAs('GRANTABLE'),
    nobodyAtAll: sentAs('UNREACHABLE'),
    granted: of('grant').length + of('grant-file').length,
    opened: of('open').filter(({ ended }) => ended).length + of('open-file').length,
    decided: of('decide').length,
  };
}

export async function assertInvariants({ as }: Stage, { city }: World): Promise<number> {
  const { holds, invariants } = await invariantsOf(await as(city));
  assert.ok(holds, JSON.stringify(invariants.filter((one) => !one.holds)));
  return invariants.length;
}
