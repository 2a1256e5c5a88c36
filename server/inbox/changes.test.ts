import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { after, test } from 'node:test';
import { confirmMessage } from '#correspondence/read/confirm-message.ts';
import { openMessage } from '#correspondence/read/open-message.ts';
import { createTown, letter, send } from '#correspondence/testing/town.ts';
import type { Caller } from '#kernel/context.ts';
import { Refusal } from '#kernel/refusal.ts';
import { personCaller } from '../../test/world.ts';
import { createChangeFeed } from './change-feed.ts';
import type { InboxContext } from './context.ts';
import { listen } from './listen.ts';
import { follow } from './testing/follow.ts';

const town = await createTown();
const { world, citizen, municipality, reading, leading } = town;
const changes = createChangeFeed(world.ctx, { lookEveryMillis: 20, askEveryMillis: 60 });
after(() => changes.close());
const gone = new Set<Caller>();
const ctx: InboxContext = { ...world.ctx, db: world.db, changes, isStill: async (caller) => !gone.has(caller) };

interface Told {
  readonly id: string;
  readonly event: string;
  readonly data: { readonly party: string | null; readonly id: string | null };
}

/** A page that is open: what it was told, and when it was told so much. */
function open(stream: Readable) {
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const told = (): Told[] =>
    [...text.matchAll(/id: (\d+)\nevent: (\w+)\ndata: (.*)\n\n/g)].map(([, id, event, data]) => ({
      id: id!,
      event: event!,
      data: JSON.parse(data!) as Told['data'],
    }));
  return {
    told,
    begins: () => text.slice(0, text.indexOf('\n\n')),
    async until(count: number): Promise<Told[]> {
      while (told().length < count) await once(stream, 'data', { signal: AbortSignal.timeout(20_000) });
      return told();
    },
  };
}

test('given two open pages, when a letter comes, is opened and confirmed, then its reader’s page is told and the other’s is not', async () => {
  const [mine, other] = [await listen(ctx, reading, {}, {}), await listen(ctx, leading, {}, {})];
  const [page, strangers] = [open(mine), open(other)];
  const id = await send(
    town,
    letter([citizen], { isConfirmationNeeded: true, dueDateTime: new Date(ctx.now().getTime() + 86_400_000).toISOString() }),
  );
  await follow(ctx);
  assert.deepEqual(
    (await page.until(1)).map(({ event, data }) => [event, data]),
    [['post', { party: citizen.id, id }]],
  );

  await openMessage(ctx, reading, id);
  await confirmMessage(ctx, reading, id);
  await follow(ctx);
  assert.deepEqual(
    (await page.until(3)).map(({ event }) => event),
    ['post', 'opened', 'counts'],
  );

  const theirs = await send(town, letter([municipality]));
  await follow(ctx);
  assert.deepEqual(
    (await strangers.until(1)).map(({ data }) => data.id),
    [theirs],
    'and only of their own',
  );
  for (const stream of [mine, other]) stream.destroy();
});

test('given confidential post that somebody at the party may not open, when it comes, then their page is told nothing of it', async () => {
  const clerk = await world.person('SAKSBEHANDLER');
  await world.grant(clerk, municipality, { package: 'post-til-virksomheten-med-taushetsbelagt-innhold' });
  const [leaders, clerks] = [await listen(ctx, leading, { party: municipality.id }, {}), await listen(ctx, personCaller(clerk), {}, {})];
  const [told, let_in] = [open(leaders), open(clerks)];
  const sealed = await send(town, letter([municipality], { resourceId: 'taushetsbelagt', isConfidential: true }));
  const plain = await send(town, letter([municipality]));
  await follow(ctx);
  assert.deepEqual((await let_in.until(1)).map(({ data }) => data.id)[0], sealed);
  assert.deepEqual(
    (await told.until(1)).map(({ data }) => data.id),
    [plain],
  );
  for (const stream of [leaders, clerks]) stream.destroy();
});

test('given a page that was away, when it comes back with the last number it heard, then it hears what it missed, and a number of nowhere has it ask anew', async () => {
  const first = await listen(ctx, reading, {}, {});
  const number = /id: (\d+)/.exec(await once(first, 'data').then(([chunk]) => String(chunk)))![1]!;
  first.destroy();
  const missed = await send(town, letter([citizen]));
  await follow(ctx);
  const back = await listen(ctx, reading, {}, { 'last-event-id': number });
  const page = open(back);
  assert.deepEqual(
    (await page.until(1)).map(({ event, data }) => [event, data.id]),
    [['post', missed]],
  );
  const last = page.told()[0]!.id;
  back.destroy();

  for (const lost of ['999999999']) {
    const anew = await listen(ctx, reading, {}, { 'last-event-id': lost });
    assert.deepEqual(
      (await open(anew).until(1)).map(({ event, data }) => [event, data]),
      [['counts', { party: null, id: null }]],
    );
    anew.destroy();
  }
  const nothing = await listen(ctx, reading, {}, { 'last-event-id': last });
  const silent = open(nothing);
  const next = await send(town, letter([citizen]));
  await follow(ctx);
  assert.deepEqual(
    (await silent.until(1)).map(({ data }) => data.id),
    [next],
    'what it has heard is not told again',
  );
  nothing.destroy();
});

test('given a session that ends, or one page too many, when the page listens, then its stream ends, and the feed forgets who has gone', async () => {
  const mine: Caller = { ...reading };
  const stream = await listen(ctx, mine, {}, {});
  stream.resume();
  gone.add(mine);
  await once(stream, 'end', { signal: AbortSignal.timeout(20_000) });

  const pages = [];
  for (let i = 0; i < 7; i += 1) {
    const page = await listen(ctx, reading, {}, {});
    page.resume();
    pages.push(page);
  }
  await once(pages[0]!, 'end', { signal: AbortSignal.timeout(20_000) });
  assert.deepEqual(
    pages.slice(1).map(({ readableEnded }) => readableEnded),
    [false, false, false, false, false, false],
  );
  for (const page of pages) page.destroy();
  await assert.rejects(
    listen(ctx, reading, { party: municipality.id }, {}),
    (error) => error instanceof Refusal && error.row.code === 9551,
  );
});

test('given a server that stops, when pages listen, then their streams end and nobody new is taken', async () => {
  const feed = createChangeFeed(world.ctx, { lookEveryMillis: 20, askEveryMillis: 60 });
  const stream = await listen({ ...ctx, changes: feed }, reading, {}, {});
  stream.resume();
  const ended = once(stream, 'end');
  await feed.close();
  await ended;
  await assert.rejects(listen({ ...ctx, changes: feed }, reading, {}, {}), /too much waits/);
});
