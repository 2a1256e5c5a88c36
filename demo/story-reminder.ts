import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { enterpriseToken, personalToken, personUrn } from './client.ts';
import { type Letter, pathOf, rowOfMail, rowOfOpening, rowsOfTheEnd, sentId } from './letter-rows.ts';
import { advanceClock, watchOf } from './own-api.ts';
import { correspondence, letterFile, type Overview, read, readerScopes, type Scene, senderScopes, type Told } from './scene.ts';

const title = 'Skattekortet ditt for 2027';
const body = letterFile('skattekort.md').toString('utf8').trim();

/** How long it is listened for a mail that must not come: many times what one takes to come. */
const quietMillis = 3000;

const evidence = [
  'SubmissionAcceptance',
  'ContentConsignment',
  'ConsignmentNotification',
  'LadderStep',
  'ConsignmentNotification',
  'ContentAccessTracking',
];

/** The letter that waits: nobody opens it for a week, on a clock that is moved; a reminder comes, and after it is opened nothing more. */
export async function tellReminderStory(scene: Scene): Promise<Told> {
  const { nobody, cast, table, mails } = scene;
  const { taxAgency, citizen, tax } = cast;
  const asAgency = nobody.with(await enterpriseToken(nobody, taxAgency.number, senderScopes));
  const asCitizen = nobody.with(await personalToken(nobody, citizen.number, readerScopes));
  const earlier = [...mails.mails];
  let letter: Letter = { id: '', sender: asAgency, senderName: taxAgency.name, evidence };

  await table.row(taxAgency.name, 'sends a letter, and orders nothing with it', async () => {
    const answer = await asAgency.post(correspondence, {
      recipients: [personUrn(citizen.number)],
      correspondence: {
        resourceId: tax.id,
        sendersReference: 'demo-skattekort-1',
        content: { language: 'nb', messageTitle: title, messageBody: body },
      },
    });
    letter = { ...letter, id: sentId(answer) };
    assert.ok((await read<Overview>(asAgency, pathOf(letter))).published, 'the overview does not say that it is published');
    return `POST …/correspondence 200, message ${letter.id.slice(0, 8)}…, published`;
  });
  const notice = await rowOfMail(scene, letter, {
    who: citizen,
    what: 'is told by e-mail that there is post, and lets it lie',
    before: 'LadderStep',
    besides: earlier,
    look: ({ subject }) => assert.match(subject, /^Ny post til /),
  });
  await table.row('the clock', 'is moved on by seven days', async () => {
    const { now, stops } = await advanceClock(nobody, 'P7D');
    assert.deepEqual(
      stops.map(({ due }) => due),
      ['step'],
    );
    return `POST …/sandbox/clock P7D: it is ${now.slice(0, 10)}, one step fell due`;
  });
  const reminder = await rowOfMail(scene, letter, {
    who: citizen,
    what: 'is reminded by e-mail that nobody has opened it',
    before: 'ContentAccessTracking',
    besides: [...earlier, ...notice],
    look: ({ subject }) => assert.match(subject, /^Påminnelse: post til .* er ikke åpnet$/),
  });
  await table.row('the watch', `waits, and will tell ${taxAgency.name} tomorrow`, async () => {
    const { cause, nextAction } = await watchOf(asAgency, letter.id);
    assert.deepEqual([cause, nextAction], ['notified-not-opened', 'tell-sender']);
    return `GET …/watch: ${cause}, next ${nextAction}`;
  });
  await rowOfOpening(scene, letter, asCitizen, {
    name: citizen.name,
    what: 'opens the letter at last',
    body: body.replace('{{recipientName}}', citizen.name),
  });
  await table.row('the clock', 'is moved on by ten days more: nobody is reminded, told or asked', async () => {
    const before = mails.mails.length;
    const { now, stops } = await advanceClock(nobody, 'P10D');
    await sleep(quietMillis);
    assert.deepEqual([stops, mails.mails.length - before], [[], 0]);
    return `POST …/sandbox/clock P10D: it is ${now.slice(0, 10)}, nothing fell due, no mail came in the ${quietMillis / 1000} s after`;
  });
  await rowsOfTheEnd(scene, letter, { outcome: 'opened', because: 'the citizen has opened it' });
  return {
    ...letter,
    title,
    recipientName: citizen.name,
    statuses: ['Published', 'Read'],
    outcome: 'opened',
    mails: [...notice, ...reminder],
  };
}
