import assert from 'node:assert/strict';
import { enterpriseToken, md5, organizationUrn, personalToken } from './client.ts';
import { grantPackage, sealedTo, timelineOf, watchOf } from './own-api.ts';
import {
  assertInOrder,
  assertTellsNothing,
  correspondence,
  type Details,
  found,
  letterFile,
  mailTo,
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
  let id = '';
  const message = (rest = ''): string => `${correspondence}/${id}${rest}`;

  await table.row(police.name, 'sends a confidential message of concern with a report', async () => {
    const answer = await asPolice.post(`${correspondence}/upload`, form(cast));
    assert.equal(answer.status, 200, answer.text);
    id = found(
      answer.json<{ correspondences: { correspondenceId: string }[] }>().correspondences[0],
      'no message in the answer',
    ).correspondenceId;
    await until('publication', async () => assert.ok((await read<Overview>(asPolice, message())).published, 'not published'), {
      tell: table.waiting,
    });
    return `POST …/upload 200, message ${id.slice(0, 8)}…, published`;
  });
  await table.row('the watch', `sees that nobody at ${municipality.name} may open it, and that somebody can give access`, async () => {
    const watch = await watchOf(asPolice, id);
    assert.deepEqual([watch.class, watch.cause, watch.outcome], ['GRANTABLE', 'grant-needed', null]);
    return `GET …/watch: ${watch.class}, ${watch.cause}`;
  });
  const sealedNotice = await mailTo(scene, manager.email, `the e-mail to ${manager.name}`).catch(() => undefined);
  await table.row(manager.name, 'is told by e-mail that sealed post has come; the e-mail tells nothing of it', async () => {
    const mail = found(sealedNotice, `no mail has come to ${manager.email}`);
    await untilRecorded(scene, asPolice, id, evidence.slice(0, evidence.indexOf('AccessRegained')));
    assertTellsNothing(mail, secrets);
    return `SMTP: “${mail.subject}”`;
  });
  await table.row(manager.name, 'sees the sealed envelope: from whom, when, and which right it needs', async () => {
    const { envelopes, text } = await sealedTo(asManager);
    const envelope = found(
      envelopes.find(({ sender, party }) => sender.name === police.name && party.name === municipality.name),
      `the letter is not among the sealed: ${text.slice(0, 300)}`,
    );
    assert.deepEqual(envelope.right.packages, [confidentialPackage]);
    assert.equal(envelope.publishedAt, (await read<Overview>(asPolice, message())).published);
    for (const secret of secrets) assert.ok(!text.includes(secret), `the envelope tells "${secret}"`);
    return 'GET …/sealed 200: sender, time, right; no title';
  });
  await table.row(manager.name, 'cannot open it herself: who may give a right does not hold it', async () => {
    const answer = await asManager.get(message('/content'));
    assert.deepEqual([answer.status, answer.json<{ errorCode: number }>().errorCode], [401, 4001]);
    return 'GET …/content 401, code 4001';
  });
  await table.row(caseworker.name, 'cannot open it yet either', async () => {
    const answer = await asCaseworker.get(message('/content'));
    assert.deepEqual([answer.status, answer.json<{ errorCode: number }>().errorCode], [401, 4001]);
    return 'GET …/content 401, code 4001';
  });
  await table.row(manager.name, `gives ${caseworker.name} the right to open confidential post`, async () => {
    const grant = await grantPackage(asManager, { at: municipality.number, to: caseworker.number, package: confidentialPackage });
    return `POST …/grants 201, grant ${grant.slice(0, 8)}…`;
  });
  await table.row('the watch', 'sees that one person can open it now', async () => {
    const watch = await until('the watch', async () => {
      const now = await watchOf(asPolice, id);
      assert.equal(now.class, 'REACHABLE');
      return now;
    });
    return `GET …/watch: ${watch.class}, ${watch.cause}`;
  });
  const openerNotice = await mailTo(scene, caseworker.email, `the e-mail to ${caseworker.name}`).catch(() => undefined);
  await table.row(caseworker.name, 'is told by e-mail that there is post; the e-mail tells nothing of it', async () => {
    const mail = found(openerNotice, `no mail has come to ${caseworker.email}`);
    await untilRecorded(scene, asPolice, id, evidence.slice(0, evidence.indexOf('ContentAccessTracking')));
    assertTellsNothing(mail, secrets);
    return `SMTP: “${mail.subject}”`;
  });
  await table.row(caseworker.name, 'opens the letter and reads it', async () => {
    const answer = await asCaseworker.get(message('/content'));
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(answer.text.split(/\s+/), body.split(/\s+/));
    return `GET …/content 200, ${body.length} characters, as sent`;
  });
  await table.row(caseworker.name, 'downloads the report', async () => {
    const { content } = await read<Overview>(asCaseworker, message());
    const file = found(content.attachments[0], 'the message has no attachment');
    const download = await asCaseworker.get(message(`/attachment/${file.id}/download`));
    assert.equal(download.status, 200, download.text.slice(0, 300));
    assert.deepEqual([file.checksum, md5(download.bytes)], [md5(report.bytes), md5(report.bytes)]);
    return `GET …/download 200, ${download.bytes.length} bytes, MD5 ${md5(download.bytes).slice(0, 8)}… equal`;
  });
  await table.row(police.name, 'sees that it is opened, and that a confirmation is still missing', async () => {
    const { cause, outcome } = await watchOf(asPolice, id);
    assert.deepEqual([cause, outcome], ['opened-not-confirmed', null]);
    return `GET …/watch: ${cause}`;
  });
  await table.row(caseworker.name, 'confirms that the letter is received', async () => {
    const answer = await asCaseworker.post(message('/confirm'));
    assert.deepEqual([answer.status, answer.text], [200, JSON.stringify(id)]);
    const { statusHistory } = await read<Details>(asPolice, message('/details'));
    assert.ok(
      statusHistory.some(({ status }) => status === 'Confirmed'),
      'the history does not say Confirmed',
    );
    return 'POST …/confirm 200; details say Confirmed';
  });
  await table.row('the watch', 'is closed, because a reader has confirmed', async () => {
    const { outcome } = await watchOf(asPolice, id);
    assert.equal(outcome, 'confirmed');
    return `GET …/watch: outcome ${outcome}`;
  });
  await table.row(police.name, 'can prove each step', async () => {
    const entries = await timelineOf(asPolice, id);
    assertInOrder(entries, evidence);
    return `GET …/timeline: ${entries.length} entries in order`;
  });
  const mails = [sealedNotice, openerNotice].filter((mail) => mail !== undefined);
  return { title, id, sender: asPolice, senderName: police.name, recipientName: municipality.name, evidence, mails };
}

/** The form that a client of the Altinn API posts: one field for each value, named by its path, and the file as it is. */
function form({ municipality, concern }: Scene['cast']): FormData {
  const data = new FormData();
  const dueDateTime = new Date(Date.now() + 7 * 86_400_000).toISOString();
  const fields = {
    'recipients[0]': organizationUrn(municipality.number),
    'correspondence.resourceId': concern.id,
    'correspondence.sendersReference': 'demo-bekymring-1',
    'correspondence.dueDateTime': dueDateTime,
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
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  data.append('attachments', new Blob([new Uint8Array(report.bytes)], { type: 'application/pdf' }), report.name);
  return data;
}
