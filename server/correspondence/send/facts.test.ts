import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PartyId } from '#kernel/ids.ts';
import { keyOwnerOf } from './facts.ts';

const [owner, party] = ['owner', 'party'] as PartyId[];

test("given a key, when its owner is asked for, then it is the resource's, and the caller's own where nobody knows the resource", () => {
  assert.equal(keyOwnerOf({ party: party! }, { ownerId: owner! }), owner);
  assert.equal(keyOwnerOf({ party: party! }, undefined), party);
  assert.equal(keyOwnerOf({ party: null }, undefined), null);
});
