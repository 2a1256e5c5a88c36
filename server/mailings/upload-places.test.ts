import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId, type PartyId } from '#kernel/ids.ts';
import { Overloaded } from '#kernel/overloaded.ts';
import { createUploadPlaces } from './upload-places.ts';

const senders = (n: number): PartyId[] => Array.from({ length: n }, () => newId<PartyId>());
const limits = { most: 8, mostOfOne: 2 };

test('given a sender with two uploads, when a third comes, then it has to wait until one of them has ended', () => {
  const places = createUploadPlaces(limits);
  const [sender] = senders(1) as [PartyId];
  const [leave] = [places.enter(sender), places.enter(sender)];

  assert.throws(() => places.enter(sender), Overloaded);
  leave!();
  places.enter(sender);
});

test('given four senders who take all that they can get, when four others come, then two of them find a place and none of the four a second one', () => {
  const places = createUploadPlaces(limits);
  const [greedy, others] = [senders(4), senders(4)];
  const took = (sender: PartyId): boolean => {
    try {
      places.enter(sender);
      return true;
    } catch (error) {
      assert.ok(error instanceof Overloaded);
      return false;
    }
  };

  const first = greedy.flatMap((sender) => [took(sender), took(sender)]);
  const later = others.map(took);

  assert.deepEqual(first, [true, true, true, true, true, false, true, false]);
  assert.deepEqual(later, [true, true, false, false]);
});

test('given all places are taken, when one is left, then whoever comes next has it, and leaving once frees one', () => {
  const places = createUploadPlaces(limits);
  const leaves = senders(8).map((sender) => places.enter(sender));
  const [one, another] = senders(2) as [PartyId, PartyId];

  assert.throws(() => places.enter(one), Overloaded);
  leaves[3]!();
  places.enter(one);
  assert.throws(() => places.enter(another), Overloaded);
});
