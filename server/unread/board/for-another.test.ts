import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { organizationCaller, scopes } from '../../../test/world.ts';
import { initializeCorrespondence } from '../../correspondence/send/initialize-correspondence.ts';
import { createTown, letter, send } from '../testing/town.ts';
import type { Board, Summary } from './wire.ts';

/** A service in which many may send: its owner sees what all have sent, each of them its own. */
const town = await createTown();
const { world, agency, citizen, municipality, leader } = town;
await world.resource('felles', agency, { senders: 'any' });
const [one, two] = [await world.organization('EN KOMMUNE'), await world.organization('TO KOMMUNE')];
town.callers.one = organizationCaller(one, scopes.sender);
town.callers.two = organizationCaller(two, scopes.sender);

async function sentBy(by: string, to = citizen): Promise<CorrespondenceId> {
  const body = letter([to], { resourceId: 'felles' });
  return (await initializeCorrespondence(world.ctx, town.callers[by]!, { body, files: [] })).correspondences[0]!
    .correspondenceId as CorrespondenceId;
}
const seenBy = async (by: string, query = '') => (await town.json<Board>(`GET /unread${query}`, by)).items.map(({ id }) => id);

const first = await sentBy('one');
const ofTwo = await sentBy('two');
const third = await sentBy('one', municipality);
const ofOwner = await send(town, letter([citizen]));

test('given a service of another, when those who have sent there look at their board, then each sees its own and the owner all, page by page', async () => {
  assert.deepEqual(await seenBy('one'), [first, third]);
  assert.deepEqual(await seenBy('two'), [ofTwo]);
  assert.deepEqual(await seenBy('sender'), [first, ofTwo, third, ofOwner]);
  assert.deepEqual(await seenBy('other'), []);
  assert.deepEqual(await seenBy('one', '?sort=newest'), [third, first]);
  const { items, next } = await town.json<Board>('GET /unread?limit=1', 'one');
  assert.deepEqual([items.map(({ id }) => id), await seenBy('one', `?limit=1&after=${next}`)], [[first], [third]]);
  assert.deepEqual(await seenBy('one', `?recipient=${municipality.number}`), [third]);
  assert.deepEqual(await seenBy('one', '?kind=file'), []);
  const { total, groups } = await town.json<Summary>('GET /unread/summary', 'one');
  assert.deepEqual([total, groups.map(({ resource, count }) => [resource, count])], [2, [['felles', 2]]]);
  assert.equal((await (await town.call('GET /unread/extract', 'one')).text()).trim().split('\r\n').length, 3);
});

test('given what is shown to who has sent for another, when it is decided about, then only by who has sent it or whose service it is', async () => {
  const decide = async (id: string, by: string) =>
    (await town.call(`POST /correspondence/${id}/decision`, by, { decision: 'accept-as-unread', name: 'Kari', reason: 'avtalt' })).status;
  assert.deepEqual([await decide(ofTwo, 'one'), await decide(ofTwo, 'two')], [404, 200]);
  assert.deepEqual(await seenBy('two'), []);
});

test('given that it sends on a service of its own too, and may send on the other’s no longer, when it looks, then it sees both, and then its own alone', async () => {
  await world.resource('egen', one);
  const own = (await initializeCorrespondence(world.ctx, town.callers.one!, { body: letter([citizen], { resourceId: 'egen' }), files: [] }))
    .correspondences[0]!.correspondenceId;
  assert.deepEqual(await seenBy('one'), [first, third, own]);
  await town.open(third, { ...town.leading, party: leader.id });
  assert.deepEqual(await seenBy('one'), [first, own]);
  await world.resource('felles', agency, { senders: 'owner' });
  assert.deepEqual(await seenBy('one'), [own]);
  assert.deepEqual(await seenBy('sender'), [first, ofOwner]);
});
