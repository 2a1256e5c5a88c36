import assert from 'node:assert/strict';
import type { Addressed } from './cast.ts';
import type { Answer, Client } from './client.ts';
import { timelineOf, watchOf } from './own-api.ts';
import { assertInOrder, correspondence, type Details, found, mailTo, read, type Scene, untilRecorded } from './scene.ts';
import type { Mail } from './sink.ts';

/** A letter that a story tells of, and whoever sent it. */
export interface Letter {
  readonly id: string;
  readonly sender: Client;
  readonly senderName: string;
  /** Names of evidence in the order in which they must stand in the end. */
  readonly evidence: readonly string[];
}

export function pathOf({ id }: Pick<Letter, 'id'>, rest = ''): string {
  return `${correspondence}/${id}${rest}`;
}

/** The id of the one message that an answer to a send tells of. */
export function sentId(answer: Answer): string {
  assert.equal(answer.status, 200, answer.text);
  const { correspondences } = answer.json<{ correspondences: { correspondenceId: string }[] }>();
  return found(correspondences[0], 'no message in the answer').correspondenceId;
}

export interface TellingByMail {
  readonly who: Addressed;
  readonly what: string;
  /** The evidence that must stand when the mail has come: everything before the event that is named. */
  readonly before: string;
  /** Mails that had come already. */
  readonly besides?: readonly Mail[];
  /** Throws when the mail is not as it should be. */
  readonly look: (mail: Mail) => void;
}

/** Somebody gets an e-mail. Answers the mail, for the row that says so has already failed when there is none. */
export async function rowOfMail(scene: Scene, letter: Letter, { who, what, before, besides = [], look }: TellingByMail): Promise<Mail[]> {
  const mail = await mailTo(scene, who.email, `the e-mail to ${who.name}`, besides).catch(() => undefined);
  await scene.table.row(who.name, what, async () => {
    const came = found(mail, `no mail has come to ${who.email}`);
    await untilRecorded(scene, letter.sender, letter.id, letter.evidence.slice(0, letter.evidence.indexOf(before)));
    look(came);
    return `SMTP: “${came.subject}”`;
  });
  return mail ? [mail] : [];
}

/** A reader opens the letter, and sees what was written. */
export function rowOfOpening(scene: Scene, letter: Letter, reader: Client, { name, what, body }: Record<'name' | 'what' | 'body', string>) {
  return scene.table.row(name, what, async () => {
    const answer = await reader.get(pathOf(letter, '/content'));
    assert.equal(answer.status, 200, answer.text);
    const text = answer.text.replaceAll('\r\n', '\n').trim();
    assert.equal(text, body.replaceAll('\r\n', '\n').trim());
    await untilRecorded(scene, letter.sender, letter.id, letter.evidence.slice(0, letter.evidence.indexOf('ContentAccessTracking') + 1));
    return `GET …/content 200, ${text.length} characters, as they were written`;
  });
}

export function rowOfConfirmation({ table }: Scene, letter: Letter, reader: Client, name: string): Promise<void> {
  return table.row(name, 'confirms that the letter is received', async () => {
    const answer = await reader.post(pathOf(letter, '/confirm'));
    assert.deepEqual([answer.status, answer.text], [200, JSON.stringify(letter.id)]);
    const { statusHistory } = await read<Details>(letter.sender, pathOf(letter, '/details'));
    assert.ok(
      statusHistory.some(({ status }) => status === 'Confirmed'),
      'the history does not say Confirmed',
    );
    return 'POST …/confirm 200; details say Confirmed';
  });
}

/** The watch has ended, and the sender can prove each step on the way. */
export async function rowsOfTheEnd({ table }: Scene, letter: Letter, expected: { readonly outcome: string; readonly because: string }) {
  await table.row('the watch', `is closed, because ${expected.because}`, async () => {
    const { outcome } = await watchOf(letter.sender, letter.id);
    assert.equal(outcome, expected.outcome);
    return `GET …/watch: outcome ${outcome}`;
  });
  await table.row(letter.senderName, 'can prove each step', async () => {
    const entries = await timelineOf(letter.sender, letter.id);
    assertInOrder(entries, letter.evidence);
    return `GET …/timeline: ${entries.length} entries in order`;
  });
}
