import type { Client } from '../client.ts';
import { checkAll, type Outcomes } from './check.ts';
import { printDay, printHeading, sumOf } from './day-table.ts';
import { concern, deletedAfterDays, facts } from './facts.ts';
import { makePlan, type Plan, type Shipment } from './plan.ts';
import { playDays } from './play-days.ts';
import { type Course, isSealed, type Stage } from './stage.ts';
import { townOf, type World } from './world.ts';

/** Loads everybody into the sandbox. */
export async function loadWorld(nobody: Client, world: World): Promise<void> {
  const lately = new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10);
  const seeded = await nobody.post('/budstikke/v1/sandbox/seed', townOf(world, lately));
  if (seeded.status >= 300) throw new Error(`The town was not loaded: ${seeded.status} ${seeded.text.slice(0, 1000)}`);
}

/** What lay unread until 2023, sent once more to a server that heeds it, day by day. Fails at the first thing that is not so. */
export async function tellIncident(stage: Stage, world: World, { isSmall }: { readonly isSmall: boolean }): Promise<void> {
  const { table } = stage;
  const plan = makePlan(world, { isSmall });
  const courses: Course[] = plan.shipments.map((shipment) => ({ shipment }));
  sayWhatIsKnown(stage);
  sayWhatIsPlayed(stage, world, plan);
  table.heading(
    'Day by day',
    'Only days on which something happened. What a sender is told: that it lies where nobody can open it, that it is unread, that it must decide.',
  );
  table.line('');
  printHeading(table);
  const days = await playDays(stage, world, plan, courses);
  printDay(table, sumOf(days, 'all days'));
  table.chapter('All of it once more', 'Everything is read again, from the server and from the mail server.');
  const outcomes = await checkAll(stage, world, courses);
  compare(stage, courses, outcomes);
}

function sayWhatIsKnown({ table }: Stage): void {
  table.heading(
    'What is known',
    'As it was published. How the messages were divided over districts and days is not; nor is who the recipients were.',
  );
  for (const { what, source } of facts) table.heading(source, what);
}

function sayWhatIsPlayed({ table }: Stage, world: World, { firstDay, shipments: sent }: Plan): void {
  const count = (story: Shipment['story']): number => sent.filter((one) => one.story === story).length;
  table.heading(
    'What is played',
    `${count('police')} messages of the police, each with a file that takes a right of its own, and ${count('city')} shipments of a city, on the days from ${firstDay}. They are allotted to districts by the published counts, and to invented municipalities and organizations. Whoever gives access gives it to one message, so that the next comes to a closed door again, as it did.`,
  );
  table.line('');
  const share = (name: string, sent: number, recipients: number, more = ''): void =>
    table.line(`  ${name.padEnd(26)} sends ${String(sent).padStart(4)}    recipients ${String(recipients).padStart(3)}${more}`);
  for (const { name, messages, municipalities } of world.districts) share(name, messages, municipalities.length);
  const { name, shipments, receivers, dates } = world.city;
  share(name, shipments, receivers.length, `    on ${dates} dates`);
}

/** What each ended as, beside what happened in the world. */
function compare({ table }: Stage, courses: readonly Course[], outcomes: Outcomes): void {
  table.heading('Here, and in the world', 'What became of each of them.');
  for (const story of ['police', 'city'] as const) {
    const own = courses.filter(({ shipment }) => shipment.story === story);
    const { title, all, told, sealed, unread } = inTheWorld[story];
    const line = (what: string, those: readonly Course[], there = ''): void =>
      table.line(`  ${what.padEnd(50)}${String(those.length).padStart(6)}    ${there}`);
    table.line('');
    line(title, own, all);
    line(
      '  its sender told on the first day, with the cause',
      own.filter(({ told: heard }) => heard),
      told,
    );
    line(
      '  nobody could open when it came',
      own.filter(({ flagged }) => isSealed(flagged!.class)),
      sealed,
    );
    if (story === 'police')
      line(
        '  the file stayed locked, and its sender knew',
        own.filter(({ locked }) => locked),
        'the second right was as unknown as the first',
      );
    const ended = Map.groupBy(own, (course) => outcomes.get(course)!);
    for (const [outcome, those] of [...ended].sort(([, a], [, b]) => b.length - a.length)) line(`  ended: ${outcome}`, those);
    line(
      '  still unread, and nobody has decided',
      own.filter((course) => !outcomes.has(course)),
      unread,
    );
  }
}

const inTheWorld = {
  police: {
    title: 'Messages of concern',
    all: `not opened, or too late; ${concern.knownOtherwise} known otherwise, ${concern.unknownCases} about ${concern.children} children not`,
    told: 'none; the status could be seen all the time, and nobody looked',
    sealed: 'nobody held the two rights, or knew of them',
    unread: `all, until somebody looked; deleted after ${deletedAfterDays} days`,
  },
  city: {
    title: "The city's confidential shipments",
    all: 'found unread by the city itself, afterwards',
    told: 'none',
    sealed: 'not published',
    unread: 'all',
  },
} as const;
