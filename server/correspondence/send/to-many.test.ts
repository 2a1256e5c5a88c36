import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Party } from '#register/index.ts';
import { leftBehind } from '../testing/left-behind.ts';
import { createTown, type Differs, letter, sendAll } from '../testing/town.ts';

/** A letter to many is written otherwise than one to few, and must leave the same behind: every table, every column, but ids and times. */
const town = await createTown();
const { world, citizen, municipality, leader, orphan } = town;
const crowd = await Promise.all(Array.from({ length: 50 }, (_, i) => world.person(`BORGER NUMMER ${i}`)));
const observed = [citizen, municipality, leader, orphan];

/** What the letter to each of `observed` left behind, when all of `recipients` were written to in one request. */
async function rowsOf(differs: Differs, recipients: readonly Party[]): Promise<object> {
  const { correspondences } = await sendAll(town, letter(recipients, differs));
  const ids = correspondences.slice(0, observed.length).map(({ correspondenceId }) => correspondenceId);
  const names = new Map([
    ...ids.map((id, i) => [id, `message ${i}`] as const),
    ...[...observed, town.agency].map(({ id, name }) => [id as string, name] as const),
  ]);
  return leftBehind(world.db, ids, names);
}

const notification = { notificationTemplate: 'GenericAltinnMessage', notificationChannel: 'EmailPreferred', sendReminder: true } as const;
const ways: readonly (readonly [string, Differs])[] = [
  ['that is ordinary', {}],
  ['that greets by name', { content: { messageBody: 'Kjære {{recipientName}}' } }],
  ['with notifications', { notification }],
  ['that is published later', { requestedPublishTime: '2035-01-01T10:00:00Z', notification }],
  ['to be confirmed', { isConfirmationNeeded: true, dueDateTime: '2036-01-01T10:00:00Z' }],
];
for (const [what, differs] of ways) {
  test(`given a letter ${what}, when it goes to many, then each message leaves what it leaves when it goes to few`, async () => {
    const few = await rowsOf(differs, observed);
    const many = await rowsOf(differs, [...observed, ...crowd]);

    assert.deepEqual(many, few);
  });
}
