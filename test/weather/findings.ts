import assert from 'node:assert/strict';
import { type Client, createClient } from '../../demo/client.ts';
import { invariantsOf, timelineOf, watchOf } from '../../demo/own-api.ts';
import type { Mail } from '../../demo/sink.ts';
import { until } from '../../demo/wait.ts';
import { inTurns } from '../in-turns.ts';
import type { Letter } from './senders.ts';
import { resourceId, type Tokens } from './town.ts';

const api = '/correspondence/api/v1/correspondence';
/** How long after a mail was taken the program may need to write that down. A death within it is the one window in which a notice goes twice. */
const windowMillis = 5000;

export interface After {
  readonly address: string;
  readonly tokens: Tokens;
  readonly reference: string;
  readonly letters: readonly Letter[];
  readonly mails: readonly Mail[];
  /** When something was killed. */
  readonly kills: readonly Date[];
}

/** Checks what is left when the weather is over, over HTTP and by what the mail server took in. Answers how many notices came twice. */
export async function checkAfter(after: After): Promise<{ doubleNotices: number }> {
  const sender = createClient(after.address, after.tokens.sender);
  await nothingLostOrDoubled(sender, after);
  await everyLetterIsWhole(sender, after.letters);
  const doubleNotices = await noticesWentOnce(after);
  await until('the invariants to hold', async () => {
    const { holds, invariants } = await invariantsOf(sender);
    assert.ok(holds && invariants.length > 0, JSON.stringify(invariants.filter((one) => !one.holds)));
  });
  return { doubleNotices };
}

async function nothingLostOrDoubled(sender: Client, { letters, reference }: After): Promise<void> {
  const list = await sender.get(`${api}?${new URLSearchParams({ resourceId, role: 'Sender', sendersReference: reference })}`);
  assert.deepEqual(list.json<{ ids: string[] }>().ids.sort(), letters.map(({ id }) => id).sort());
}

/** Of each letter: its message, its watch and its evidence say what the client was told, and nothing is there twice. */
async function everyLetterIsWhole(sender: Client, letters: readonly Letter[]): Promise<void> {
  await inTurns(letters, async ({ id = '', opened, confirmed, wantsConfirmation }) => {
    const overview = (await sender.get(`${api}/${id}`)).json<{ published: string | null; read: string | null }>();
    assert.ok(overview.published, `message ${id} is not published`);
    const events = (await timelineOf(sender, id)).map(({ event }) => event);
    const count = (name: string): number => events.filter((event) => event === name).length;
    assert.deepEqual([count('SubmissionAcceptance'), count('ContentConsignment')], [1, 1], `evidence of ${id}: ${events.join(', ')}`);
    const watch = await watchOf(sender, id);
    if (!opened)
      assert.deepEqual([overview.read, watch.outcome, count('ContentAccessTracking')], [null, null, 0], `${id} was never opened`);
    if (opened === 'yes') assert.ok(overview.read && count('ContentAsked') >= 1, `the opening of ${id} is lost`);
    assert.equal(Boolean(overview.read), count('ContentAsked') >= 1, `${id} is read without evidence, or the other way about`);
    // A process that dies before it has recorded that a letter was taken leaves its watch open, which is the safe side.
    const isTaken = count('ContentAccessTracking') >= 1;
    assert.ok(overview.read || !isTaken, `${id} is taken and not read`);
    if (confirmed === 'yes') assert.equal(count('ConsignmentAcceptance'), 1, `the confirmation of ${id} is lost`);
    const isEnded = count('ConsignmentAcceptance') === 1 && isTaken;
    assert.equal(watch.outcome === 'confirmed', isEnded, `${id}: confirmed, and its evidence differs`);
    if (overview.read && !wantsConfirmation) assert.equal(watch.outcome, isTaken ? 'opened' : null);
  });
}

/** Every letter that lies unopened is told of; a notice comes twice only where a death fell between the mail server's 250 and our commit. */
async function noticesWentOnce({ letters, mails, kills }: After): Promise<number> {
  const keys = new Set(letters.map(({ key }) => key));
  const keyOf = ({ subject }: Mail) => subject.replace('Brev ', '');
  const mine = () =>
    Map.groupBy(
      mails.filter((mail) => keys.has(keyOf(mail))),
      keyOf,
    );
  await until(
    'every unopened letter to be told of',
    async () => {
      const told = mine();
      const missing = letters.filter(({ opened, key }) => !opened && !told.has(key));
      assert.equal(missing.length, 0, `${missing.length} letters were never told of`);
    },
    { seconds: 60 },
  );

  let doubles = 0;
  for (const [key, copies] of mine()) {
    assert.equal(new Set(copies.map(({ messageId }) => messageId)).size, 1, `two different notices of ${key}`);
    copies.slice(1).forEach((copy, i) => {
      const before = copies[i]!.receivedAt.getTime();
      const death = kills.find((at) => at.getTime() >= before - 100 && at.getTime() <= before + windowMillis && at < copy.receivedAt);
      assert.ok(death, `the notice of ${key} came again, and nothing died in between`);
      doubles += 1;
    });
  }
  return doubles;
}
