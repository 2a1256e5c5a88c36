import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId } from '#kernel/ids.ts';
import { createTestDatabase } from '../../test/database.ts';
import { toCloudEvent } from './cloud-event.ts';
import { listEvents, listEventsOf } from './list-events.ts';
import { type EventRow, publishEvents } from './publish-events.ts';

const { db } = await createTestDatabase();

const published = (resourceInstance: string, over: Partial<EventRow> = {}): EventRow => ({
  type: 'no.altinn.correspondence.correspondencepublished',
  source: '/correspondence/api/v1/correspondence',
  subject: 'urn:altinn:organization:identifier-no:991825827',
  alternativeSubject: '/organisation/991825827',
  resource: 'some-resource',
  resourceInstance,
  at: new Date('2026-11-24T10:00:00Z'),
  ...over,
});

test('given a published message, when its event is rendered, then a client of the original finds every member by its lower-case name', async () => {
  const message = newId();
  await db.transaction(async (tx) => publishEvents(tx, [published(message)]));

  const [row] = await listEventsOf(db, [message]);
  const event = toCloudEvent(row!, 'https://post.example.no');

  assert.deepEqual(event, {
    id: row!.id,
    specversion: '1.0',
    type: 'no.altinn.correspondence.correspondencepublished',
    source: 'https://post.example.no/correspondence/api/v1/correspondence',
    subject: 'urn:altinn:organization:identifier-no:991825827',
    time: '2026-11-24T10:00:00.000Z',
    resource: 'urn:altinn:resource:some-resource',
    resourceinstance: message,
    alternativesubject: '/organisation/991825827',
    data: null,
  });
  for (const name of Object.keys(event)) assert.equal(name, name.toLowerCase());
});

test('given an event with data and no alternative subject, when rendered, then the data has its type and no attribute is null', async () => {
  const message = newId();
  await db.transaction(async (tx) =>
    publishEvents(tx, [
      published(message, { source: 'https://other.example/x', alternativeSubject: null, data: { cause: 'grant-needed' } }),
    ]),
  );
  const [row] = await listEventsOf(db, [message]);
  const event = toCloudEvent(row!, 'https://post.example.no');
  assert.deepEqual(
    [event.source, event.datacontenttype, event.data],
    ['https://other.example/x', 'application/json', { cause: 'grant-needed' }],
  );
  assert.ok(!('alternativesubject' in event));
});

test('given many events, when read page by page, then each comes once and in order', async () => {
  const message = newId();
  await db.transaction(async (tx) => {
    publishEvents(
      tx,
      Array.from({ length: 7 }, () => published(message)),
    );
    publishEvents(tx, []);
  });
  const seen: string[] = [];
  for (let after: string | undefined; ; ) {
    const page = await listEvents(db, { after, limit: 3 });
    if (page.length === 0) break;
    seen.push(...page.filter((e) => e.resourceInstance === message).map((e) => e.id));
    after = page.at(-1)!.id;
  }
  assert.equal(new Set(seen).size, 7);
  assert.deepEqual(seen, [...seen].sort());
});

test('given a transaction that fails, when it published, then no event is told', async () => {
  const message = newId();
  await assert.rejects(
    db.transaction(async (tx) => {
      publishEvents(tx, [published(message)]);
      throw new Error('not so');
    }),
  );
  assert.deepEqual(await listEventsOf(db, [message]), []);
});
