import assert from 'node:assert/strict';
import { enterpriseToken, md5, personalToken, personUrn } from './client.ts';
import { type Letter, pathOf, rowOfConfirmation, rowOfMail, rowOfOpening, rowsOfTheEnd, sentId } from './letter-rows.ts';
import { watchOf } from './own-api.ts';
import {
  attachment,
  correspondence,
  letterFile,
  type Overview,
  read,
  readerScopes,
  type Scene,
  senderScopes,
  type Told,
  untilRecorded,
} from './scene.ts';
import { until } from './wait.ts';

const title = 'Varsel om endring av skattefastsettingen 2025';
const body = letterFile('varsel-om-endring.md').toString('utf8').trim();
const pdf = { name: 'varsel-om-endring.pdf', bytes: letterFile('varsel-om-endring.pdf') };
const reply = { linkURL: 'https://skatt.example.no/svar/varsel-om-endring', linkText: 'Svar på varselet' };
const wording = {
  emailSubject: 'Du har fått et varsel',
  emailBody: 'Hei $correspondenceRecipientName$. $sendersName$ har sendt deg et varsel som du kan svare på.',
};

const evidence = [
  'SubmissionAcceptance',
  'ContentConsignment',
  'ConsignmentNotification',
  'ContentAccessTracking',
  'ContentHandover',
  'ConsignmentAcceptance',
];

/** The tax letter: an agency writes to a citizen, with a PDF, a link to answer by, and an e-mail in its own words. */
export async function tellTaxStory(scene: Scene): Promise<Told> {
  const { nobody, cast, table } = scene;
  const { taxAgency, citizen, tax } = cast;
  const asAgency = nobody.with(await enterpriseToken(nobody, taxAgency.number, senderScopes));
  const asCitizen = nobody.with(await personalToken(nobody, citizen.number, readerScopes));
  let attachmentId = '';
  let letter: Letter = { id: '', sender: asAgency, senderName: taxAgency.name, evidence };

  await table.row(taxAgency.name, 'uploads the letter as a PDF', async () => {
    const made = await asAgency.post(attachment, {
      resourceId: tax.id,
      fileName: pdf.name,
      displayName: 'Varsel om endring',
      sendersReference: 'varsel',
      checksum: md5(pdf.bytes),
      isEncrypted: false,
    });
    assert.equal(made.status, 200, made.text);
    attachmentId = made.json<string>();
    const uploaded = await asAgency.post(`${attachment}/${attachmentId}/upload`, {
      mediaType: 'application/octet-stream',
      bytes: pdf.bytes,
    });
    assert.equal(uploaded.status, 200, uploaded.text);
    const { checksum } = await until(
      'the scan of the PDF',
      async () => {
        const now = await read<{ status: string; checksum: string }>(asAgency, `${attachment}/${attachmentId}`);
        assert.equal(now.status, 'Published');
        return now;
      },
      { tell: table.waiting },
    );
    assert.equal(checksum, md5(pdf.bytes));
    return `POST …/attachment, …/upload 200; ${pdf.bytes.length} bytes, MD5 ${checksum.slice(0, 8)}…`;
  });
  await table.row(taxAgency.name, 'sends it with a link to answer by, and orders an e-mail in its own words', async () => {
    const answer = await asAgency.post(correspondence, {
      recipients: [personUrn(citizen.number)],
      existingAttachments: [attachmentId],
      correspondence: {
        resourceId: tax.id,
        sendersReference: 'demo-varsel-1',
        content: { language: 'nb', messageTitle: title, messageSummary: 'Du kan uttale deg før vi bestemmer oss.', messageBody: body },
        dueDateTime: new Date(Date.now() + 21 * 86_400_000).toISOString(),
        isConfirmationNeeded: true,
        replyOptions: [reply],
        notification: { notificationTemplate: 'CustomMessage', notificationChannel: 'Email', ...wording },
      },
    });
    letter = { ...letter, id: sentId(answer) };
    assert.ok((await read<Overview>(asAgency, pathOf(letter))).published, 'the overview does not say that it is published');
    return `POST …/correspondence 200, message ${letter.id.slice(0, 8)}…, published`;
  });
  await table.row('the watch', `sees that ${citizen.name} can open it`, async () => {
    const watch = await watchOf(asAgency, letter.id);
    assert.deepEqual([watch.class, watch.outcome], ['REACHABLE', null]);
    return `GET …/watch: ${watch.class}, ${watch.cause ?? 'no cause for worry'}`;
  });
  const notice = await rowOfMail(scene, letter, {
    who: citizen,
    what: 'is told by e-mail, in the words of the sender',
    before: 'ContentAccessTracking',
    look: ({ subject, text }) => {
      assert.equal(subject, wording.emailSubject);
      assert.ok(text.startsWith(`Hei ${citizen.name}. ${taxAgency.name} har sendt deg`), `the mail says: ${text}`);
    },
  });
  await rowOfOpening(scene, letter, asCitizen, {
    name: citizen.name,
    what: 'opens the letter and is called by name',
    body: body.replace('{{recipientName}}', citizen.name),
  });
  await table.row(citizen.name, 'downloads the PDF', async () => {
    const download = await asCitizen.get(pathOf(letter, `/attachment/${attachmentId}/download`));
    assert.equal(download.status, 200, download.text.slice(0, 300));
    assert.equal(download.headers.get('content-type'), 'application/pdf');
    assert.ok(download.bytes.equals(pdf.bytes), 'the bytes are not those of the file');
    assert.equal(md5(download.bytes), md5(pdf.bytes));
    await untilRecorded(scene, letter.sender, letter.id, evidence.slice(0, evidence.indexOf('ConsignmentAcceptance')));
    return `GET …/download 200, ${download.bytes.length} bytes, the same as the file, MD5 equal`;
  });
  await table.row(citizen.name, 'finds the link to answer by', async () => {
    const { replyOptions } = await read<Overview>(asCitizen, pathOf(letter));
    assert.deepEqual(replyOptions, [reply]);
    return `GET …/{id}: “${reply.linkText}”`;
  });
  await rowOfConfirmation(scene, letter, asCitizen, citizen.name);
  await rowsOfTheEnd(scene, letter, { outcome: 'confirmed', because: 'the citizen has confirmed' });
  return {
    ...letter,
    title,
    recipientName: citizen.name,
    statuses: ['Published', 'Read', 'AttachmentsDownloaded', 'Confirmed'],
    outcome: 'confirmed',
    mails: notice,
  };
}
