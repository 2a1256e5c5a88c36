import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '#kernel/log.ts';
import { StartError } from '#kernel/start-error.ts';
import { createTestDatabase } from '../../test/database.ts';
import { countEverything, nothingWritten } from '../../test/nothing-written.ts';
import { checkDatabase, migrate, printSchema } from './index.ts';
import { readMigrations } from './migrations.ts';

const refused = (pattern: RegExp) => (error: unknown) => error instanceof StartError && pattern.test(error.message);

test('given an empty database, when several processes migrate it at once, then each migration runs once and the schema is that of a template', async () => {
  const [empty, template] = [await createTestDatabase({ content: 'nothing' }), await createTestDatabase()];

  await Promise.all([1, 2, 3].map(() => migrate(empty.url, silentLog)));

  const { rows } = await empty.db.pool.query('select name, checksum from db.migration order by name');
  assert.deepEqual(
    rows,
    readMigrations().map(({ name, checksum }) => ({ name, checksum })),
  );
  assert.equal(await printSchema(empty.url), await printSchema(template.url));
});

test('given a database that is up to date, when it is migrated again, then nothing is written', async () => {
  const { url, db } = await createTestDatabase();

  await nothingWritten(db, () => migrate(url, silentLog));
});

test('given a migration that was changed after it ran, when the database is migrated, then it is refused by name', async () => {
  const { url, db } = await createTestDatabase();
  await db.pool.query(`update db.migration set checksum = 'other' where name = '0001-clock'`);

  await assert.rejects(migrate(url, silentLog), refused(/0001-clock was changed after it ran/));
});

test('given a database that has seen a migration we do not know, when it is migrated, then it is refused as newer', async () => {
  const { url, db } = await createTestDatabase();
  await db.pool.query(`insert into db.migration values ('9999-from-the-future', 'x')`);

  await assert.rejects(migrate(url, silentLog), refused(/newer than this program.*9999-from-the-future/));
});

test('given a migration with a number before one that has run, when the database is migrated, then it is refused', async () => {
  const { url, db } = await createTestDatabase();
  await db.pool.query(`delete from db.migration where name = '0001-clock'`);

  await assert.rejects(migrate(url, silentLog), refused(/0001-clock comes before 0002/));
});

test('given a migration that fails, when the database is migrated, then it is named and leaves nothing behind', async () => {
  const { url, db } = await createTestDatabase({ content: 'nothing' });
  const [first, second] = readMigrations();
  await db.pool.query('create schema blobs');

  await assert.rejects(migrate(url, silentLog), refused(new RegExp(`${second?.name} failed and left nothing behind`)));

  const { rows } = await db.pool.query('select name from db.migration');
  assert.deepEqual(rows, [{ name: first?.name }], 'those before it have run');
  assert.equal((await countEverything(db))['blobs.blob'], undefined);
});

test('given a database that cannot be reached, when it is looked at, then the cause is said and the password is not', async () => {
  await assert.rejects(checkDatabase('postgresql://someone:topsecret@127.0.0.1:1/nowhere'), (error: unknown) => {
    assert.ok(error instanceof StartError);
    assert.match(error.message, /nothing listens there/);
    assert.doesNotMatch(error.message, /topsecret/);
    return true;
  });
});

test('given a database that does not exist on a server that does, when it is looked at, then that is said', async () => {
  const { url } = await createTestDatabase();

  await checkDatabase(url);
  await assert.rejects(checkDatabase(url.replace(/test_\w+/, 'no_such_database')), refused(/there is no such database/));
});

test('given a database that does not store UTF-8, when it is looked at, then it is refused', async () => {
  const { url, db } = await createTestDatabase();
  await db.pool.query(`create database latin1_trial template template0 encoding 'LATIN1' locale_provider libc locale 'C'`);
  try {
    await assert.rejects(checkDatabase(url.replace(/test_\w+/, 'latin1_trial')), refused(/stores LATIN1/));
  } finally {
    await db.pool.query('drop database latin1_trial');
  }
});
