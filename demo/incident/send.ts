import assert from 'node:assert/strict';
import { type Client, organizationUrn } from '../client.ts';
import { sealedTo, watchOf } from '../own-api.ts';
import { attachment, correspondence, found, read } from '../scene.ts';
import { until } from '../wait.ts';
import type { Conduct } from './plan.ts';
import { assertNothingOf, secretsOf } from './secrets.ts';
import { type Course, type Stage, withEach } from './stage.ts';
import { servicesOf } from './world.ts';

/** What a watch must say as soon as a shipment is sent, by how things are at its recipient. */
const flags: Readonly<Record<Conduct, { readonly classes: readonly string[]; readonly causes: readonly string[] }>> = {
  grants: { classes: ['GRANTABLE'], causes: ['grant-needed'] },
  halves: { classes: ['GRANTABLE'], causes: ['grant-needed'] },
  idle: { classes: ['GRANTABLE'], causes: ['grant-needed'] },
  nobody: { classes: ['UNREACHABLE'], causes: ['no-opener'] },
  opener: { classes: ['COLD', 'REACHABLE', 'PROVEN'], causes: ['not-notified', 'waiting', 'notified-not-opened'] },
};

/** What a day's sending comes to: the police one by one, with a file that takes a right of its own; the city to many at once. */
export async function sendAll(stage: Stage, courses: readonly Course[]): Promise<void> {
  if (courses.length === 0) return;
  const mailsBefore = stage.mails.mails.length;
  for (const course of courses) course.mailsBefore = mailsBefore;
  const ofCity = courses.filter(({ shipment }) => shipment.story === 'city');
  await withEach(
    courses.filter(({ shipment }) => shipment.story === 'police'),
    (course) => sendWithFile(stage, course),
  );
  if (ofCity.length > 0) await sendToMany(stage, ofCity as [Course, ...Course[]]);
  await withEach(courses, (course) => flag(stage, course));
  await lookAtEnvelopes(stage, courses);
}

async function sendWithFile({ as }: Stage, course: Course): Promise<void> {
  const { shipment } = course;
  const sender = await as(shipment.sender);
  const { fileName, file } = secretsOf(shipment);
  const sendersReference = `sak-${shipment.n}`;
  const made = await sender.post(attachment, {
    resourceId: servicesOf(shipment.sender).file,
    fileName,
    sendersReference,
    isEncrypted: false,
  });
  assert.equal(made.status, 200, made.text);
  const id = made.json<string>();
  const uploaded = await sender.post(`${attachment}/${id}/upload`, { mediaType: 'application/octet-stream', bytes: Buffer.from(file) });
  assert.equal(uploaded.status, 200, uploaded.text);
  await until('the scan of a file', async () => {
    assert.equal((await read<{ status: string }>(sender, `${attachment}/${id}`)).status, 'Published');
  });
  course.attachment = id;
  await send(sender, [course], { resourceId: servicesOf(shipment.sender).message, sendersReference, existingAttachments: [id] });
}

async function sendToMany({ as }: Stage, courses: readonly [Course, ...Course[]]): Promise<void> {
  const { sender, n } = courses[0].shipment;
  await send(await as(sender), courses, { resourceId: servicesOf(sender).message, sendersReference: `forsendelse-${n}` });
}

/** One letter to all of them: each has a message of its own. */
async function send(
  sender: Client,
  courses: readonly Course[],
  { existingAttachments = [], ...of }: { resourceId: string; sendersReference: string; existingAttachments?: readonly string[] },
): Promise<void> {
  const { title, body } = secretsOf(found(courses[0], 'nothing to send').shipment);
  const answer = await sender.post(correspondence, {
    recipients: courses.map(({ shipment }) => organizationUrn(shipment.receiver.number)),
    existingAttachments,
    correspondence: { ...of, isConfidential: true, content: { language: 'nb', messageTitle: title, messageBody: body } },
  });
  assert.equal(answer.status, 200, answer.text.slice(0, 500));
  const sent = answer.json<{ correspondences: { correspondenceId: string; recipient: string }[] }>().correspondences;
  const idOf = new Map(sent.map(({ correspondenceId, recipient }) => [recipient.split(':').at(-1), correspondenceId]));
  for (const course of courses) {
    const { receiver } = course.shipment;
    course.id = found(idOf.get(receiver.number), `nothing was sent to ${receiver.name}`);
    course.text = body;
  }
}

/** Reads from the watch whether it knows who can open, and why nobody can. */
async function flag({ as }: Stage, course: Course): Promise<void> {
  const sender = await as(course.shipment.sender);
  const id = found(course.id, 'it was not sent');
  const watch = await until('publication', async () => {
    const seen = await watchOf(sender, id);
    assert.ok(seen.publishedAt, 'it is not published');
    return seen;
  });
  const { classes, causes } = flags[course.shipment.conduct];
  assert.ok(classes.includes(watch.class), `${watch.class} where ${course.shipment.conduct}`);
  assert.ok(causes.includes(watch.cause ?? ''), `${watch.cause} where ${course.shipment.conduct}`);
  assert.equal(watch.outcome, null);
  course.flagged = { class: watch.class, cause: watch.cause, publishedAt: watch.publishedAt! };
}

/** Each director of a recipient where nobody can open sees that there is an envelope, and nothing of what is in it. */
async function lookAtEnvelopes({ as }: Stage, courses: readonly Course[]): Promise<void> {
  const sealed = courses.filter(({ flagged }) => flagged?.class === 'GRANTABLE');
  await withEach([...Map.groupBy(sealed, ({ shipment }) => shipment.receiver)], async ([{ director }, those]) => {
    const { envelopes, text } = await sealedTo(await as(director!));
    assertNothingOf('an envelope', text);
    for (const course of those) {
      assert.ok(
        envelopes.some(({ id }) => id === course.id),
        `there is no envelope of shipment ${course.shipment.n}`,
      );
      course.isEnvelopeSeen = true;
    }
  });
}
