import assert from 'node:assert/strict';
import type { Organization } from '../cast.ts';
import { timelineOf, watchOf } from '../own-api.ts';
import { read } from '../scene.ts';
import { assertInvariants } from './play-days.ts';
import { assertMailTellsNothing } from './secrets.ts';
import { type Course, isSealed, type Stage, withEach } from './stage.ts';
import type { World } from './world.ts';

/** How each shipment ended, as its watch says. */
export type Outcomes = ReadonlyMap<Course, string>;

const hourMillis = 3_600_000;

/** Reads everything once more, as if somebody else had sent it. Every row is about every shipment. */
export async function checkAll(stage: Stage, world: World, courses: readonly Course[]): Promise<Outcomes> {
  const { table, mails } = stage;
  const all = courses.length;
  await table.row('the watch', 'knew at once who can open each one, and why nobody can', async () => {
    for (const { flagged, shipment } of courses) assert.ok(flagged, `shipment ${shipment.n} was not flagged`);
    const classes = Map.groupBy(courses, ({ flagged }) => `${flagged!.class} (${flagged!.cause})`);
    return `GET …/watch: ${[...classes].map(([name, { length }]) => `${length} ${name}`).join(', ')}`;
  });
  await table.row('senders', 'were told of each one on the day it was sent, with its cause', async () => {
    for (const { flagged, told, shipment } of courses) {
      assert.ok(told, `nobody was told of shipment ${shipment.n}`);
      assert.ok(Date.parse(told.at) - Date.parse(flagged!.publishedAt) < hourMillis, `shipment ${shipment.n} was told of at ${told.at}`);
      if (isSealed(flagged!.class)) assert.equal(told.cause, flagged!.cause);
    }
    return `GET …/events, as each sender: first word of ${all} within the hour`;
  });
  await table.row('senders', 'were told where a file stayed locked while its message could be opened', async () => {
    const locked = courses.filter((course) => course.locked);
    for (const { locked: lock, shipment } of locked)
      assert.ok(lock!.isHeard, `nobody was told that the file of shipment ${shipment.n} is locked`);
    return `GET …/events, as each sender: ${locked.length} with the cause attachment-locked`;
  });
  const outcomes = new Map<Course, string>();
  await table.row('the evidence', 'says of each one that it was laid in the inbox, who could open it, and who was told', async () => {
    let entries = 0;
    await withEach(courses, async (course) => {
      const found = await assertEvidence(stage, course);
      entries += found;
    });
    return `GET …/timeline: ${all} asked, ${entries} entries`;
  });
  await table.row('the watch', 'over each one is closed', async () => {
    await withEach(courses, async (course) => {
      const { outcome } = await watchOf(await stage.as(course.shipment.sender), course.id!);
      assert.ok(outcome, `shipment ${course.shipment.n} is still open`);
      assert.equal(outcome, expectedOf(course));
      outcomes.set(course, outcome);
    });
    return `GET …/watch: ${all} asked, none open`;
  });
  await table.row('envelopes', 'told those who could give access of each one, and not one word of what is in it', async () => {
    const sealed = courses.filter(({ flagged }) => flagged!.class === 'GRANTABLE');
    for (const { isEnvelopeSeen, shipment } of sealed) assert.ok(isEnvelopeSeen, `there was no envelope of shipment ${shipment.n}`);
    return `GET …/sealed, as each director: ${sealed.length} seen`;
  });
  await table.row('the mail server', 'has not one word of any letter, its title or its file', async () => {
    assert.ok(mails.mails.length > 0, 'no mail has come at all');
    for (const mail of mails.mails) assertMailTellsNothing(mail);
    return `SMTP: ${mails.mails.length} mails looked through`;
  });
  await table.row('the statements', 'of all senders add up, day by day, to what was sent and what became of it', async () => {
    let count = 0;
    for (const sender of [...world.districts, world.city]) count += await assertStatements(stage, sender, courses, outcomes);
    return `GET …/statements: ${count} of ${world.districts.length + 1} senders, all hold`;
  });
  await table.row('nobody', 'is left with a letter that lies silently unread', async () => {
    return `invariants: ${await assertInvariants(stage, world)} asked, none broken`;
  });
  return outcomes;
}

/** How it must have ended, by what people did. */
function expectedOf({ shipment: { decision }, ended }: Course): string {
  if (ended === 'opened') return 'opened';
  return { 'read-elsewhere': 'read-elsewhere', recall: 'recalled', 'accept-as-unread': 'accepted-unread' }[decision];
}

/** Answers how many entries there are. */
async function assertEvidence({ as }: Stage, { id, shipment, flagged }: Course): Promise<number> {
  const entries = await timelineOf(await as(shipment.sender), id!);
  const laid = entries.find(({ event }) => event === 'ContentConsignment');
  assert.ok(laid, `shipment ${shipment.n} was not laid in the inbox`);
  if (isSealed(flagged!.class)) assert.equal(laid.core.reason, `urn:budstikke:reason:${flagged!.cause}`);
  if (flagged!.class === 'GRANTABLE')
    assert.ok(
      entries.some(({ event, core }) => event === 'ConsignmentNotification' && core.purpose === 'sealed'),
      `the director was not told of shipment ${shipment.n}`,
    );
  return entries.length;
}

interface Statement {
  readonly day: string;
  readonly holds: boolean;
  readonly canonical: string;
}

/** Each day holds, and all days together make what the demo has seen. Answers how many there are. */
async function assertStatements(
  { as, nobody }: Stage,
  sender: Organization,
  courses: readonly Course[],
  outcomes: Outcomes,
): Promise<number> {
  const own = courses.filter(({ shipment }) => shipment.sender === sender);
  const statements = await statementsOf(await as(sender), nobody);
  const closedBy: Record<string, number> = {};
  let accepted = 0;
  for (const { day, holds, canonical } of statements) {
    assert.ok(holds, `the statement of ${day} does not hold`);
    const said = JSON.parse(canonical) as { stock: { accepted: number }; closedBy: Record<string, number>; silent: number };
    assert.equal(said.silent, 0);
    accepted += said.stock.accepted;
    for (const [outcome, n] of Object.entries(said.closedBy)) if (n > 0) closedBy[outcome] = (closedBy[outcome] ?? 0) + n;
  }
  const counted = Object.fromEntries(
    [...Map.groupBy(own, (course) => outcomes.get(course)!)].map(([outcome, { length }]) => [outcome, length]),
  );
  assert.deepEqual([accepted, closedBy], [own.length, counted]);
  return statements.length;
}

/** All of a sender's, asked half a year at a time. */
async function statementsOf(client: Stage['nobody'], nobody: Stage['nobody']): Promise<Statement[]> {
  const dayMillis = 86_400_000;
  const until = Date.parse((await read<{ now: string }>(nobody, '/budstikke/v1/sandbox/clock')).now);
  const all: Statement[] = [];
  for (let from = Date.now() - dayMillis; from <= until; from += 180 * dayMillis) {
    const [first, last] = [from, from + 179 * dayMillis].map((at) => new Date(at).toISOString().slice(0, 10));
    const { statements } = await read<{ statements: Statement[] }>(client, `/budstikke/v1/statements?from=${first}&to=${last}`);
    all.push(...statements);
  }
  return all;
}
