import assert from 'node:assert/strict';
import { enterpriseToken, letterForm, md5, organizationUrn, personalToken } from './client.ts';
import { type Letter, pathOf, rowOfConfirmation, rowOfMail, rowOfOpening, rowsOfTheEnd, sentId } from './letter-rows.ts';
import { grantPackage, sealedTo, watchOf } from './own-api.ts';
import {
  assertTellsNothing,
  correspondence,
  found,
  letterFile,
  type Overview,
  read,
  readerScopes,
  type Scene,
  senderScopes,
  sentencesOf,
  type Told,
  untilRecorded,
} from './scene.ts';
import { until } from './wait.ts';

const title = 'Bekymringsmelding om et barn på åtte år';
const summary = 'Politiet ber om at meldingen gjennomgås innen en uke.';
const body = letterFile('bekymringsmelding.md').toString('utf8').trim();
const report = { name: 'rapport-fra-stedet.pdf', bytes: letterFile('rapport-fra-stedet.pdf') };
const confidentialPackage = 'post-til-virksomheten-med-taushetsbelagt-innhold';

/** What neither an e-mail nor the envelope may tell. */
const secrets = [title, summary, report.name, ...sentencesOf(body)];

const evidence = [
  'SubmissionAcceptance',
  'ContentConsignment',
  'ConsignmentNotification',
  'AccessRegained',
  'ConsignmentNotification',
  'ContentAccessTracking',
  'ContentHandover',
  'ConsignmentAcceptance',
];

/** The letter that nobody may open: a police district writes to a municipality where nobody holds the right to read it. */
export async function tellPoliceStory(scene: Scene): Promise<Told> {
  const { nobody, cast, table } = scene;
  const { police, municipality, manager, caseworker } = cast;
  const asPolice = nobody.with(await enterpriseToken(nobody, police.number, senderScopes));
  const asManager = nobody.with(await personalToken(nobody, manager.number, readerScopes));
  const asCaseworker = nobody.with(await personalToken(nobody, caseworker.number, readerScopes));
  let letter: Letter = { id: '', sender: asPolice, senderName: police.name, evidence };

  await table.row(police.name, 'sends a confidential message of concern with a report', async () => {
    letter = { ...letter, id: sentId(await asPolice.post(`${correspondence}/upload`, form(cast))) };
    await until('publication', async () => assert.ok((await read<Overview>(asPolice, pathOf(letter))).published, 'not published'), {
      tell: table.waiting,
    });
    return `POST …/upload 200, message ${letter.id.slice(0, 8)}…, published`;
  });
  await table.row('the watch', `sees that nobody at ${municipality.name} may open it, and that somebody can give access`, async () => {
    const watch = await watchOf(asPolice, letter.id);
    assert.deepEqual([watch.class, watch.cause, watch.outcome], ['GRANTABLE', 'grant-needed', null]);
    return `GET …/watch: ${watch.class}, ${watch.cause}`;
  });
  const sealedNotice = await rowOfMail(scene, letter, {
    who: manager,
    what: 'is told by e-mail that sealed post has come; the e-mail tells nothing of it',
    before: 'AccessRegained',
    look: (mail) => assertTellsNothing(mail, secrets),
  });
  const senderNotice = await rowOfMail(scene, letter, {
    who: police,
    what: 'is told by e-mail, too, that somebody must be let in first',
    before: 'AccessRegained',
    look: ({ subject, text }) => {
      assert.match(subject, /^1 melding fra .* er ikke åpnet eller bekreftet$/);
      assert.match(text, /1 venter på at noen gir tilgang/);
    },
  });
  await table.row(manager.name, 'sees the sealed envelope: from whom, when, and which right it needs', async () => {
    const { envelopes, text } = await sealedTo(asManager);
    const envelope = found(
      envelopes.find(({ sender, party }) => sender.name === police.name && party.name === municipality.name),
      `the letter is not among the sealed: ${text.slice(0, 300)}`,
    );
    assert.deepEqual(envelope.right.packages, [confidentialPackage]);
    assert.equal(envelope.publishedAt, (await read<Overview>(asPolice, pathOf(letter))).published);
    for (const secret of secrets) assert.ok(!text.includes(secret), `the envelope tells "${secret}"`);
    return 'GET …/sealed 200: sender, time, right; no title';
  });
  await table.row(manager.name, 'cannot open it herself: who may give a right does not hold it', async () => {
    const answer = await asManager.get(pathOf(letter, '/content'));
    assert.deepEqual([answer.status, answer.json<{ errorCode: number }>().errorCode], [401, 4001]);
    return 'GET …/content 401, code 4001';
  });
  await table.row(caseworker.name, 'cannot open it yet either', async () => {
    const answer = await asCaseworker.get(pathOf(letter, '/content'));
    assert.deepEqual([answer.status, answer.json<{ errorCode: number }>().errorCode], [401, 4001]);
    return 'GET …/content 401, code 4001';
  });
  await table.row(manager.name, `gives ${caseworker.name} the right to open confidential post`, async () => {
    const lastName = caseworker.name.split(' ').at(-1)!;
    const grant = await grantPackage(asManager, { at: municipality.number, to: caseworker.number, lastName, package: confidentialPackage });
    return `POST …/grants 201, grant ${grant.slice(0, 8)}…`;
  });
  await table.row('the watch', 'sees that somebody can open it now', async () => {
    const watch = await until('the watch', async () => {
      const now = await watchOf(asPolice, letter.id);
      assert.equal(now.class, 'REACHABLE');
      return now;
    });
    return `GET …/watch: ${watch.class}, ${watch.cause}`;
  });
  const openerNotice = await rowOfMail(scene, letter, {
    who: caseworker,
    what: 'is told by e-mail that there is post; the e-mail tells nothing of it',
    before: 'ContentAccessTracking',
    look: (mail) => assertTellsNothing(mail, secrets),
  });
  const officeNotice = await rowOfMail(scene, letter, {
    who: municipality,
    what: 'is told too, at the address that the municipality has given; the e-mail tells nothing of it',
    before: 'ContentAccessTracking',
    look: (mail) => assertTellsNothing(mail, secrets),
  });
  await rowOfOpening(scene, letter, asCaseworker, { name: caseworker.name, what: 'opens the letter and reads it', body });
  await table.row(caseworker.name, 'downloads the report', async () => {
    const { content } = await read<Overview>(asCaseworker, pathOf(letter));
    const file = found(content.attachments[0], 'the message has no attachment');
    const download = await asCaseworker.get(pathOf(letter, `/attachment/${file.id}/download`));
    assert.equal(download.status, 200, download.text.slice(0, 300));
    assert.deepEqual([file.checksum, md5(download.bytes)], [md5(report.bytes), md5(report.bytes)]);
    await untilRecorded(scene, letter.sender, letter.id, evidence.slice(0, evidence.indexOf('ConsignmentAcceptance')));
    return `GET …/download 200, ${download.bytes.length} bytes, MD5 ${md5(download.bytes).slice(0, 8)}… equal`;
  });
  await table.row(police.name, 'sees that it is opened, and that a confirmation is still missing', async () => {
    const { cause, outcome } = await watchOf(asPolice, letter.id);
    assert.deepEqual([cause, outcome], ['opened-not-confirmed', null]);
    return `GET …/watch: ${cause}`;
  });
  await rowOfConfirmation(scene, letter, asCaseworker, caseworker.name);
  await rowsOfTheEnd(scene, letter, { outcome: 'confirmed', because: 'a reader has confirmed' });
  return {
    ...letter,
    title,
    recipientName: municipality.name,
    statuses: ['Published', 'Read', 'AttachmentsDownloaded', 'Confirmed'],
    outcome: 'confirmed',
    mails: [...sealedNotice, ...senderNotice, ...openerNotice, ...officeNotice],
  };
}

function form({ municipality, concern }: Scene['cast']): FormData {
  const fields = {
    'recipients[0]': organizationUrn(municipality.number),
    'correspondence.resourceId': concern.id,
    'correspondence.sendersReference': 'demo-bekymring-1',
    'correspondence.dueDateTime': new Date(Date.now() + 21 * 86_400_000).toISOString(),
    'correspondence.isConfirmationNeeded': 'true',
    'correspondence.isConfidential': 'true',
    'correspondence.content.language': 'nb',
    'correspondence.content.messageTitle': title,
    'correspondence.content.messageSummary': summary,
    'correspondence.content.messageBody': body,
    'correspondence.content.attachments[0].fileName': report.name,
    'correspondence.content.attachments[0].displayName': 'Rapport fra stedet',
    'correspondence.content.attachments[0].checksum': md5(report.bytes),
    'correspondence.content.attachments[0].sendersReference': 'rapport',
    'correspondence.content.attachments[0].dataLocationType': 'NewCorrespondenceAttachment',
  };
  return letterForm(fields, [{ ...report, mediaType: 'application/pdf' }]);
}
