import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { Refusal } from '#kernel/refusal.ts';
import { organizationCaller, scopes } from '../../test/world.ts';
import { initializeCorrespondence } from '../correspondence/send/initialize-correspondence.ts';
import { createTown, letter } from '../correspondence/testing/town.ts';
import { deskErrors } from './errors.ts';
import { findSentMessage } from './find-sent-message.ts';
import { showWatch } from './show-watch.ts';

const town = await createTown();
const { world, agency, citizen, sender } = town;

test('given a resource in which many may send, when another than who sent asks for the watch, then there is no such message, and who sent and the owner see it', async () => {
  await world.resource('felles', agency, { senders: 'any' });
  const [one, two] = [await world.organization('EN KOMMUNE'), await world.organization('TO KOMMUNE')].map((party) =>
    organizationCaller(party, scopes.sender),
  );
  const body = letter([citizen], { resourceId: 'felles' });
  const id = (await initializeCorrespondence(world.ctx, one!, { body })).correspondences[0]!.correspondenceId as CorrespondenceId;
  const refused = (error: unknown) => error instanceof Refusal && error.row === deskErrors.messageNotFound;

  await world.nothingWritten(() => assert.rejects(findSentMessage(world.db, two!, id), refused));
  for (const its of [one!, sender]) assert.ok(await showWatch(world.ctx, its, id));
});
