import assert from 'node:assert/strict';
import type { Person } from '../cast.ts';
import { type Client, organizationUrn, personUrn } from '../client.ts';
import { watchOf } from '../own-api.ts';
import { correspondence, found } from '../scene.ts';
import { until } from '../wait.ts';
import type { Act, Decision } from './plan.ts';
import { secretsOf } from './secrets.ts';
import { type Course, mailsTo, type Stage, withEach } from './stage.ts';
import { servicesOf } from './world.ts';

/** Does what is planned for a day, in the order in which people would. */
export async function actAll(stage: Stage, of: (act: Act) => readonly Course[]): Promise<void> {
  await withEach(of('grant'), (course) => grant(stage, course));
  await withEach(of('open'), (course) => open(stage, course));
  await withEach(of('grant-file'), (course) => grantFile(stage, course));
  await withEach(of('open-file'), (course) => openFile(stage, course));
  await decideAll(stage, of('decide'));
}

function peopleOf({ shipment: { receiver } }: Course): { director: Person; contact: Person } {
  return { director: found(receiver.director ?? undefined, 'no director'), contact: found(receiver.contact ?? undefined, 'no contact') };
}

const lastNameOf = ({ name }: Person): string => name.split(' ').at(-1)!;

/** The director has had a mail, and lets the contact in to this one message: with its file in one step, or to the message alone. */
async function grant(stage: Stage, course: Course): Promise<void> {
  const { director, contact } = peopleOf(course);
  const id = course.id!;
  await until(`a mail to the director of ${course.shipment.receiver.name}`, async () => {
    assert.ok(mailsTo(stage, director.email, course.mailsBefore!).length > 0, 'no mail has come');
  });
  const caller = await stage.as(director);
  if (course.shipment.conduct === 'halves') {
    await give(caller, course, servicesOf(course.shipment.sender).message, id);
    const watch = await watchOf(await stage.as(course.shipment.sender), id);
    assert.deepEqual([watch.cause, watch.outcome], ['attachment-locked', null]);
    course.locked = { isHeard: false };
  } else {
    const answer = await caller.post(`/budstikke/v1/sealed/${id}/grant`, {
      ...{ what: 'message', to: contact.number, lastName: lastNameOf(contact) },
    });
    assert.equal(answer.status, 200, answer.text.slice(0, 300));
    assert.equal(answer.json<{ attachmentLocked: boolean }>().attachmentLocked, false);
  }
}

async function give(director: Client, course: Course, resource: string, instance: string): Promise<void> {
  const { contact } = peopleOf(course);
  const at = organizationUrn(course.shipment.receiver.number);
  const given = { at, to: personUrn(contact.number), lastName: lastNameOf(contact), resource, instance };
  const answer = await director.post('/budstikke/v1/grants', given);
  assert.equal(answer.status, 201, answer.text.slice(0, 300));
}

const download = ({ id, attachment }: Course): string => `${correspondence}/${id}/attachment/${attachment}/download`;

/** The contact opens what it can, and reads what was written. */
async function open(stage: Stage, course: Course): Promise<void> {
  const reader = await stage.as(peopleOf(course).contact);
  const { conduct } = course.shipment;
  if (course.attachment && conduct !== 'halves') await readFile(reader, course);
  await readText(reader, course);
  if (conduct !== 'halves') {
    course.ended = 'opened';
    return;
  }
  const refused = await reader.get(download(course));
  assert.equal(refused.status, 401, 'a file is opened without its right');
  const { outcome, cause } = await watchOf(await stage.as(course.shipment.sender), course.id!);
  assert.deepEqual([outcome, cause], [null, 'attachment-locked'], 'what is opened without its file is not done with');
}

async function readFile(reader: Client, course: Course): Promise<void> {
  assert.equal((await reader.get(download(course))).text, secretsOf(course.shipment).file);
}

async function readText(reader: Client, course: Course): Promise<void> {
  const content = await reader.get(`${correspondence}/${course.id}/content`);
  assert.deepEqual([content.status, content.text], [200, course.text]);
}

async function grantFile({ as }: Stage, course: Course): Promise<void> {
  await give(await as(peopleOf(course).director), course, servicesOf(course.shipment.sender).file, course.attachment!);
}

async function openFile(stage: Stage, course: Course): Promise<void> {
  const reader = await stage.as(peopleOf(course).contact);
  await readFile(reader, course);
  course.ended = 'opened';
}

const words: Readonly<Record<Decision, { readonly reason: string; readonly source?: string }>> = {
  'read-elsewhere': { reason: 'Meldt på telefon samme dag.', source: 'Barnevernvakten, telefon' },
  recall: { reason: 'Sendt på papir med bud.' },
  'accept-as-unread': { reason: 'Saken er avsluttet hos mottakeren.' },
};

/** Senders decide what nobody opens: each decision about all that it is for, as one call. */
async function decideAll({ as }: Stage, courses: readonly Course[]): Promise<void> {
  const groups = Map.groupBy(courses, ({ shipment }) => `${shipment.sender.number} ${shipment.decision}`);
  await withEach([...groups.values()], async (those) => {
    const { sender, decision } = those[0]!.shipment;
    const items = those.map(({ id }) => ({ id }));
    const answer = await (await as(sender)).post('/budstikke/v1/unread/decisions', {
      decision,
      name: 'Liv Vakt',
      ...words[decision],
      items,
    });
    assert.equal(answer.status, 200, answer.text.slice(0, 300));
    const { decided, answers } = answer.json<{ decided: number; answers: { error: unknown }[] }>();
    assert.equal(decided, items.length, JSON.stringify(answers.find(({ error }) => error !== null)));
    for (const course of those) course.ended = 'decided';
  });
}
