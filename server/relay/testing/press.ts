import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { lettersOnPaper } from '#correspondence/index.ts';
import { sql } from '#kernel/database.ts';
import type { CorrespondenceId, ResourceId } from '#kernel/ids.ts';
import type { Party } from '#register/index.ts';
import { onRelay, takeDueSteps, type WatchContext } from '#watch/index.ts';
import { createTown, type Differs, letter, scan, sendAll, type Town } from '../../correspondence/testing/town.ts';
import { saveSteps, step } from '../../watch/testing/ladders.ts';
import { putAddresses } from '../addresses/put-addresses.ts';
import type { RelayContext } from '../context.ts';
import { createDirectoryHouse } from '../house/directory-house.ts';
import type { PrintHouse } from '../house/print-house.ts';
import { lettersForPaper } from '../letter.ts';
import { listShipmentsOf, type Shipment } from '../store.ts';
import { takeForPaper } from '../take-for-paper.ts';

export type PressContext = RelayContext & WatchContext;

/** The town, with a print house that has a directory of its own, and letters whose ladder turns to paper after a day. */
export interface Press {
  readonly town: Town;
  readonly ctx: PressContext;
  readonly directory: string;
  readonly house: PrintHouse;
  /** A letter that nobody has opened for a day, after its ladder has turned to paper. Files by name. */
  toPaper(to: Party, differs?: Differs, files?: Readonly<Record<string, string | Buffer>>): Promise<CorrespondenceId>;
  shipment(about: string): Promise<Shipment>;
  /** What the house finds: folders by name, with what lies in each. */
  drop(): Promise<Readonly<Record<string, string[]>>>;
  read(shipment: string, file: string): Promise<Buffer>;
}

export async function openPress(): Promise<Press> {
  const town = await createTown();
  const { world } = town;
  const directory = await mkdtemp(join(tmpdir(), 'budstikke-relay-'));
  after(() => rm(directory, { recursive: true, force: true }));
  await mkdir(directory, { recursive: true });
  const house = createDirectoryHouse({ directory });
  lettersForPaper.fill(lettersOnPaper);
  onRelay.fill(takeForPaper);
  await saveSteps(world.db, 'papir', [step('print', 'P1D', { who: 'print', text: 'print' }), step('tell', 'P20D')]);
  await world.resource('papirbrev', town.agency, { ladder: 'papir' });
  const ctx: PressContext = {
    ...world.ctx,
    printHouse: house,
    addresses: { inbox: 'https://post.example', console: 'https://post.example' },
  };
  await putAddresses(ctx, { addresses: [{ number: town.citizen.number!, lines: ['Storgata 1', '3717 SKIEN'] }] });

  return {
    town,
    ctx,
    directory,
    house,
    async toPaper(to, differs = {}, files = {}) {
      const { content, ...more } = differs;
      const attachments = Object.keys(files).map((fileName, i) => ({
        fileName,
        sendersReference: `fil-${i}`,
        ...content?.attachments?.[i],
      }));
      const body = letter([to], { resourceId: 'papirbrev', content: { ...content, attachments }, ...more });
      const received = await Promise.all(Object.entries(files).map(([name, bytes]) => world.file(name, bytes)));
      const sent = await sendAll(town, body, received);
      await scan(town, sent.attachmentIds);
      await world.advance(24 * 3600 + 60);
      await takeDueSteps(ctx);
      return sent.correspondences[0]!.correspondenceId as CorrespondenceId;
    },
    async shipment(about) {
      const [only, ...others] = await listShipmentsOf(world.db, about);
      assert.deepEqual(others, []);
      return only!;
    },
    async drop() {
      const folders = (await readdir(directory)).filter((name) => !name.startsWith('.') && name !== 'status');
      return Object.fromEntries(
        await Promise.all(folders.map(async (name) => [name, (await readdir(join(directory, name))).sort()] as const)),
      );
    },
    read: (shipment, file) => readFile(join(directory, shipment, file)),
  };
}

/** The steps of a message's ladder that have been taken, with the reason of what was passed over. */
export async function stepsOf({ town }: Press, about: string): Promise<string[]> {
  const rows = await town.world.db.all<{ name: string; state: string; reason: string | null }>(sql`
    select name, state, reason from watch.step where about = ${about} and name <> 'check-publication' and state <> 'cancelled' order by due_at, id`);
  return rows.map(({ name, state, reason }) => [name, state, reason].filter((part) => part !== null).join(' '));
}

export const paperResource = 'papirbrev' as ResourceId;
