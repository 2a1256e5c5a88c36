import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Caller } from '#kernel/context.ts';
import { saveContactPoints } from '#register/index.ts';
import { organizationCaller, scopes } from '../../../test/world.ts';
import { sendDueExtract } from '../routine/send-due-extracts.ts';
import type { RoutineView } from '../routine/wire.ts';
import { createTown, letter, send } from '../testing/town.ts';
import type { SenderMails } from './wire.ts';

const town = await createTown();
const { world, agency, citizen, municipality, orphan } = town;
const own = 'post@etaten.example';
await world.db.transaction(async (tx) => saveContactPoints(tx, [{ party: agency.id, points: [{ channel: 'email', address: own }] }]));
const fileScopes = ['altinn:broker.write', 'altinn:broker.read'];
town.callers.both = organizationCaller(agency, [...scopes.sender, ...fileScopes]);

const mails = async (by: string, query = '') => (await town.json<SenderMails>(`GET /unread/mails${query}`, by)).mails;
const purposes = async (by: string) => (await mails(by)).map(({ purpose }) => purpose);
/** What each kind of token is shown, the latest first: of the agency, or of another by the same names behind its own. */
const seen = async (whose = '') => ({
  letters: await purposes(whose ? `${whose}Letters` : 'sender'),
  files: await purposes(whose ? `${whose}Files` : 'files'),
  both: await purposes(whose ? `${whose}Both` : 'both'),
});

test('given mails about letters, about files and about both, when tokens that may send one kind ask, then each is shown those that tell of its kind, by what they tell of it', async () => {
  await send(town, letter([orphan]));
  await town.days(0);
  assert.deepEqual(await seen(), { letters: ['sender-unread'], files: [], both: ['sender-unread'] });

  await world.advance(86_400);
  await town.sendFile('files', agency, [municipality]);
  await send(town, letter([citizen]));
  await town.days(9);
  const ofLetters = ['sender-unread', 'sender-unread', 'sender-unread'];
  assert.deepEqual(await seen(), { letters: ofLetters, files: ['files-unread'], both: ofLetters });
  const [[latest], [same]] = [await mails('sender'), await mails('files')];
  assert.equal(latest!.id, same!.id, 'one mail tells of letters and a file, and each token sees its part');
  const page = await town.json<SenderMails>('GET /unread/mails?limit=1', 'files');
  assert.deepEqual([page.mails.length, page.next], [1, null], 'a page counts what is shown');
  await world.db.pool.query('update notifications.notice set tells = null');
  assert.deepEqual(
    await seen(),
    { letters: ofLetters, files: [], both: ofLetters },
    'of mails from before it is known what they told first',
  );
});

test('given mails that go to who hears for a sender, when its tokens ask, then each is shown what is told of itself, whatever else the mail tells', async () => {
  const house = await world.organization('HOVEDENHETEN', { email: 'hoved@enhet.example' });
  const unit = await world.organization('AVDELINGEN', { parentNumber: house.number! });
  for (const [name, party] of Object.entries({ house, unit }))
    for (const [kind, of] of Object.entries({ Letters: scopes.sender, Files: fileScopes, Both: [...scopes.sender, ...fileScopes] }))
      town.callers[`${name}${kind}`] = organizationCaller(party, of);
  await world.resource('hus-post', house, {});
  const sendAs = (by: Caller, resourceId: string) => send({ ...town, sender: by }, letter([citizen], { resourceId }));
  await sendAs(town.callers.houseLetters!, 'hus-post');
  await town.sendFile('unitFiles', unit, [municipality]);
  await town.days(9);

  assert.deepEqual(await seen('house'), { letters: ['sender-unread'], files: ['files-unread'], both: ['sender-unread'] });
  assert.deepEqual(await seen('unit'), { letters: [], files: ['files-unread'], both: ['files-unread'] }, 'the letter is of another');
});

test('given a mail that waits for the morning and tells of two subunits, when one has decided before that and more of the other comes, then the mail that is written anew is none about the first', async () => {
  const house = await world.organization('ENDA ET HUS', { email: 'enda@hus.example' });
  const decided = await world.organization('AVDELING A', { parentNumber: house.number! });
  const lying = await world.organization('AVDELING B', { parentNumber: house.number! });
  for (const [name, party] of Object.entries({ another: house, decided, lying })) {
    town.callers[name] = organizationCaller(party, scopes.sender);
    await world.resource(`post-${name}`, party, {});
  }
  const sendAs = (name: string) => send({ ...town, sender: town.callers[name]! }, letter([orphan], { resourceId: `post-${name}` }));
  await sendAs('another');
  await town.days(0);
  const id = await sendAs('decided');
  await sendAs('lying');
  await town.days(0);
  const [waiting] = await mails('decided');
  assert.deepEqual([waiting!.state, (await mails('lying'))[0]!.id], ['due', waiting!.id]);

  await town.json(`POST /correspondence/${id}/decision`, 'decided', { decision: 'recall', name: 'Kari', reason: 'Feil' });
  assert.deepEqual(await purposes('decided'), ['sender-unread'], 'the mail says so as yet');
  await sendAs('lying');
  await town.days(0);

  assert.deepEqual([await purposes('decided'), (await mails('lying')).map((mail) => mail.id)], [[], [waiting!.id]]);
});

test('given extracts of letters, of files, of both and of nothing, when tokens that may send one kind ask, then none is shown one that holds only the other', async () => {
  const before = { letters: (await mails('sender')).length, files: (await mails('files')).length, both: (await mails('both')).length };
  const extractOf = async (narrowed: object) => {
    const request = { days: [1, 2, 3, 4, 5, 6, 7], hour: 8, addresses: [own], sendEmpty: true, ...narrowed };
    const { nextAt } = await town.json<RoutineView>('PUT /unread/routine', 'both', request);
    await world.advance((new Date(nextAt).getTime() - world.ctx.now().getTime()) / 1000);
    while ((await sendDueExtract(town.ctx)) === 'more');
  };
  const more = async () => {
    const now = await seen();
    const of = (by: keyof typeof now) => now[by].length - before[by];
    return [of('letters'), of('files'), of('both')];
  };
  await extractOf({ resources: ['brev'] });
  assert.deepEqual(await more(), [1, 0, 1]);
  await extractOf({ resources: ['filer'] });
  assert.deepEqual(await more(), [1, 1, 2]);
  await extractOf({});
  assert.deepEqual(await more(), [2, 2, 3]);
  await extractOf({ resources: ['finnes-ikke'] });
  assert.deepEqual(await more(), [3, 3, 4]);
  await world.db.pool.query('update unread.extract set files = null');
  assert.deepEqual(await more(), [1, 1, 4], 'of those from before nobody knows, but of the empty one');
});
