import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cast } from './cast.ts';
import type { Client } from './client.ts';
import { invariantsOf, type TimelineEntry, timelineOf, watchOf } from './own-api.ts';
import type { Mail, MailSink } from './sink.ts';
import type { Table } from './table.ts';
import { until } from './wait.ts';

/** What a story is played on. */
export interface Scene {
  /** The server, asked without a token. */
  readonly nobody: Client;
  readonly mails: MailSink;
  readonly cast: Cast;
  readonly table: Table;
  /** For files of the demo's own; it is gone afterwards. */
  readonly folder: string;
}

/** What a story leaves behind, to be read once more when all is told. */
export interface Told {
  readonly title: string;
  readonly id: string;
  readonly sender: Client;
  readonly senderName: string;
  readonly recipientName: string;
  /** Names of evidence in the order in which they must stand, others between them allowed. */
  readonly evidence: readonly string[];
  /** What its history must hold, as clients see it. */
  readonly statuses: readonly string[];
  /** How its watch ended. */
  readonly outcome: string;
  /** Mails that came because of it. */
  readonly mails: readonly Mail[];
}

export const correspondence = '/correspondence/api/v1/correspondence';
export const attachment = '/correspondence/api/v1/attachment';

/** The scopes of an agency that sends, and of a person that reads. */
export const senderScopes = ['altinn:serviceowner', 'altinn:correspondence.write'] as const;
export const readerScopes = ['altinn:correspondence.read', 'altinn:portal/enduser'] as const;

export interface Overview {
  readonly status: string;
  readonly published: string | null;
  readonly read: string | null;
  readonly replyOptions: readonly { readonly linkURL: string; readonly linkText: string }[];
  readonly content: {
    readonly messageTitle: string;
    readonly attachments: readonly { readonly id: string; readonly fileName: string; readonly checksum: string }[];
  };
}

export interface Details extends Overview {
  readonly statusHistory: readonly { readonly status: string; readonly statusChanged: string }[];
}

/** A letter of the demo, as a file of the repository. */
export function letterFile(name: string): Buffer {
  return readFileSync(join(import.meta.dirname, 'letters', name));
}

/** Reads a page that must be there. */
export async function read<T>(client: Client, path: string): Promise<T> {
  const answer = await client.get(path);
  assert.equal(answer.status, 200, `${path} answered ${answer.status}: ${answer.text.slice(0, 300)}`);
  return answer.json<T>();
}

/** The mail that comes to an address besides those that are known, waited for. */
export function mailTo({ mails, table }: Scene, address: string, what: string, besides: readonly Mail[] = []): Promise<Mail> {
  return until(
    what,
    async () =>
      found(
        mails.mails.findLast((mail) => mail.to.includes(address.toLowerCase()) && !besides.includes(mail)),
        `no mail has come to ${address}`,
      ),
    { tell: table.waiting },
  );
}

/** Fails when a mail holds any of these texts, in its subject, its text or anywhere in the bytes on the wire. */
export function assertTellsNothing({ subject, text, source }: Mail, secrets: readonly string[]): void {
  for (const secret of secrets) {
    for (const place of [subject, text, source])
      assert.ok(!place.toLowerCase().includes(secret.toLowerCase()), `the e-mail tells "${secret}"`);
  }
}

/** Every line of a letter that says something. */
export function sentencesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.replaceAll('*', '').trim())
    .filter((line) => line.length > 3);
}

export function found<T>(thing: T | undefined, otherwise: string): T {
  if (thing === undefined) throw new Error(otherwise);
  return thing;
}

/** Fails unless these events stand in the timeline in this order. */
export function assertInOrder(entries: readonly TimelineEntry[], expected: readonly string[]): void {
  const events = entries.map(({ event }) => event);
  let from = 0;
  for (const event of expected) {
    const at = events.indexOf(event, from);
    if (at < 0) assert.deepEqual(events, expected, `${event} is missing, or stands too early`);
    from = at + 1;
  }
}

/** Waits until the evidence of a message has come so far: a notice is recorded a moment after it has come, a download after its client has it. */
export function untilRecorded({ table }: Scene, sender: Client, id: string, expected: readonly string[]): Promise<void> {
  return until(`the record of ${expected.at(-1)}`, async () => assertInOrder(await timelineOf(sender, id), expected), {
    tell: table.waiting,
  });
}

/** Reads everything once more, as if the stories had been told by somebody else. */
export async function checkAll({ table, mails }: Scene, stories: readonly [Told, ...Told[]]): Promise<void> {
  for (const { title, id, sender, senderName, recipientName, evidence, statuses, outcome: expected } of stories) {
    await table.row(senderName, `“${title}” has gone the whole way, as clients of Altinn see it`, async () => {
      const { published, read: readAt, statusHistory } = await read<Details>(sender, `${correspondence}/${id}/details`);
      assert.ok(published && readAt, 'the overview says that it is not published or not read');
      const history = statusHistory.map(({ status }) => status);
      for (const status of statuses) assert.ok(history.includes(status), `${status} is not among ${history.join(', ')}`);
      return `details: ${statuses.join(', ')}`;
    });
    await table.row('the watch', `over the letter to ${recipientName} is closed`, async () => {
      const { outcome } = await watchOf(sender, id);
      assert.equal(outcome, expected);
      return `watch: outcome ${outcome}`;
    });
    await table.row('the evidence', `of the letter to ${recipientName} is complete and in order`, async () => {
      const entries = await timelineOf(sender, id);
      assertInOrder(entries, evidence);
      return `timeline: ${entries.length} entries, ${evidence.length} of them named by this demo`;
    });
  }
  await table.row('the mail server', 'has every notice that the stories told of, each once, and no other', async () => {
    const told = stories.flatMap((story) => story.mails).map(({ messageId }) => messageId);
    assert.deepEqual(mails.mails.map(({ messageId }) => messageId).sort(), told.sort());
    return `SMTP: ${mails.mails.length} mails in all`;
  });
  await table.row('nobody', 'is left with a letter that lies silently unread', async () => {
    const { holds, invariants } = await invariantsOf(stories[0].sender);
    assert.deepEqual(
      invariants.filter((one) => !one.holds),
      [],
    );
    assert.ok(holds);
    return `invariants: ${invariants.length} asked, none broken`;
  });
}
