import assert from 'node:assert/strict';
import { test } from 'node:test';
import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import type { CorrespondenceId } from './ids.ts';
import { Enumeration, IdOf, Nullable, OpenEnumeration, personal, StringMap, Timestamp, Uuid, worded } from './schema.ts';

const Role = Enumeration('Role', { Recipient: 0, Sender: 1 });

test('given the shared shapes, when types are taken from them, then they are as narrow as the schema', () => {
  const Shape = Type.Object({
    id: IdOf<CorrespondenceId>(),
    role: Role,
    level: OpenEnumeration('Level', { Low: 0 }),
    at: Type.Optional(Nullable(Timestamp)),
    map: StringMap,
  });
  const value: Static<typeof Shape> = {
    id: '0198f0a0-0000-7000-8000-000000000001' as CorrespondenceId,
    role: 'Sender',
    level: 7,
    at: null,
    map: { a: 'b' },
  };
  // @ts-expect-error a name that is not in the list does not compile
  const wrong: Static<typeof Role> = 'Owner';

  assert.ok(Compile(Shape).Check(value));
  assert.ok(!Compile(Role).Check(wrong));
});

test('given a UUID and a timestamp, when they are not well formed, then they do not fit', () => {
  const [uuid, timestamp] = [Compile(Uuid), Compile(Timestamp)];

  assert.ok(uuid.Check('0198F0A0-0000-7000-8000-000000000001'));
  assert.ok(!uuid.Check('0198f0a0000070008000000000000001'));
  assert.ok(timestamp.Check('2026-11-24T10:00:00+01:00'));
  assert.ok(!timestamp.Check('2026-11-24T10:00:00'));
  assert.ok(!timestamp.Check('2026-02-30T10:00:00Z'));
});

test('given an optional member, when it is marked personal or worded, then it is still optional and the original schema is untouched', () => {
  const Name = Type.Optional(Type.String({ maxLength: 3 }));
  const Marked = worded(personal(Name), { violation: 'too long', clrName: 'Navn' });

  assert.ok(Compile(Type.Object({ name: Marked })).Check({}));
  assert.ok(!Compile(Type.Object({ name: Marked })).Check({ name: 'abcd' }));
  assert.deepEqual({ ...Marked }, { type: 'string', maxLength: 3, personal: true, violation: 'too long', clrName: 'Navn' });
  assert.deepEqual({ ...Name }, { type: 'string', maxLength: 3 });
});

test('given an open enumeration, when an integer outside the list comes, then it fits and other text does not', () => {
  const level = Compile(OpenEnumeration('Level', { Low: 0 }));

  assert.ok(level.Check('Low') && level.Check(9));
  assert.ok(!level.Check('low') && !level.Check('9') && !level.Check(1.5));
});
