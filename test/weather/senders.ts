import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, type Client, createClient, personUrn } from '../../demo/client.ts';
import { pick, uuidFrom } from '../random.ts';
import { citizens, resourceId, type Tokens } from './town.ts';

const api = '/correspondence/api/v1/correspondence';
/** A client gives up a server that does not come back in this time. */
const patienceMillis = 120_000;

/** What the client knows of a letter: what it asked for, and what it was told. */
export interface Letter {
  readonly key: string;
  readonly citizen: number;
  readonly wantsConfirmation: boolean;
  /** Of the message. */
  id?: string;
  /** Whether a 200 told it, or it had to be looked up since the answer was lost. */
  acknowledged?: boolean;
  /** `asked` when no answer came, so that either may be true. */
  opened?: 'asked' | 'yes';
  confirmed?: 'asked' | 'yes';
}

export interface SenderOptions {
  readonly addresses: readonly string[];
  readonly tokens: Tokens;
  readonly reference: string;
  readonly random: () => number;
  /** Told after each letter that is safely sent. */
  readonly onSent: () => void;
}

/** Sends letters as they fall due until there are no more, each until it is known to be sent, as a careful client does; opens and confirms some. */
export async function sendLetters(options: SenderOptions, letters: Letter[], untilDue: () => Promise<boolean>): Promise<void> {
  const { random } = options;
  while (await untilDue()) {
    const letter: Letter = { key: uuidFrom(random), citizen: Math.floor(random() * citizens.length), wantsConfirmation: random() < 0.5 };
    letters.push(letter);
    await sendUntilKnown(options, letter);
    options.onSent();
    if (random() < 0.4) await read(options, letter);
  }
}

/** An answer that was lost leaves a client in doubt: it sends again under the same key, and looks the letter up when told that the key is used. */
async function sendUntilKnown(options: SenderOptions, letter: Letter): Promise<void> {
  let inDoubt = false;
  for (const until = Date.now() + patienceMillis; ; ) {
    const answer = await ask(options, options.tokens.sender, (client) => client.post(api, requestOf(options, letter)));
    if (answer?.status === 200) {
      letter.id = answer.json<{ correspondences: { correspondenceId: string }[] }>().correspondences[0]!.correspondenceId;
      letter.acknowledged = true;
      return;
    }
    if (answer?.status === 409) {
      assert.ok(inDoubt, `a key that was never sent before is said to be used: ${answer.text}`);
      const found = await idsOfKey(options, letter.key);
      if (found) {
        assert.equal(found.length, 1, `key ${letter.key} has ${found.length} messages`);
        letter.id = found[0]!;
        return;
      }
    }
    assert.ok(Date.now() < until, `nobody takes letter ${letter.key}: ${answer?.status ?? 'no answer'} ${answer?.text ?? ''}`);
    inDoubt = true;
    await sleep(20 + options.random() * 100);
  }
}

function requestOf({ reference }: SenderOptions, { key, citizen, wantsConfirmation }: Letter): object {
  return {
    idempotentKey: key,
    recipients: [personUrn(citizens[citizen]!)],
    correspondence: {
      resourceId,
      sendersReference: reference,
      content: { language: 'nb', messageTitle: 'Brev', messageBody: 'Et brev midt i et uvær.' },
      isConfirmationNeeded: wantsConfirmation,
      dueDateTime: new Date(Date.now() + 7 * 86_400_000).toISOString(),
      notification: { notificationTemplate: 0, notificationChannel: 0, emailSubject: `Brev ${key}`, emailBody: 'Du har fått et brev.' },
    },
  };
}

async function read(options: SenderOptions, letter: Letter): Promise<void> {
  const token = options.tokens.citizens[letter.citizen]!;
  letter.opened = 'asked';
  const content = await ask(options, token, (client) => client.get(`${api}/${letter.id}/content`));
  if (content?.status !== 200) return;
  letter.opened = 'yes';
  if (!letter.wantsConfirmation || options.random() < 0.3) return;
  letter.confirmed = 'asked';
  const confirmed = await ask(options, token, (client) => client.post(`${api}/${letter.id}/confirm`));
  if (confirmed?.status === 200) letter.confirmed = 'yes';
}

/** Asks any of the servers. Undefined when the connection broke: then nobody knows whether it was done. */
async function ask(
  { addresses, random }: SenderOptions,
  token: string,
  what: (client: Client) => Promise<Answer>,
): Promise<Answer | undefined> {
  const answer = await what(createClient(pick(random, addresses), token)).catch(() => undefined);
  assert.ok(
    answer === undefined || answer.status < 400 || answer.status === 409 || answer.status >= 500,
    `a client was blamed: ${answer?.status} ${answer?.text.slice(0, 300)}`,
  );
  return answer;
}

/** Undefined when nobody answered. */
async function idsOfKey(options: SenderOptions, key: string): Promise<string[] | undefined> {
  const query = new URLSearchParams({ resourceId, role: 'Sender', idempotentKey: key });
  const list = await ask(options, options.tokens.sender, (client) => client.get(`${api}?${query}`));
  return list?.status === 200 ? list.json<{ ids: string[] }>().ids : undefined;
}
