import { type Swept, sweeper } from '#jobs/index.ts';
import type { Context } from '#kernel/context.ts';
import { Refusal } from '#kernel/refusal.ts';
import type { BrokerContext } from '../context.ts';
import { finishUpload } from './finish-upload.ts';
import { giveUpDamaged } from './give-up-damaged.ts';
import { dropUploads, listUnfinished, lockOver } from './store.ts';

const finishedAtOnce = 10;
const droppedAtOnce = 20;

/**
 * Uploads with all their bytes whose request died before they were a file. What is refused then, the watch tells the sender. One that
 * cannot be read is tried again later and later, and holds up no other. Safe to run twice.
 */
export async function finishUploads(ctx: BrokerContext): Promise<Swept> {
  const left = await listUnfinished(ctx.db, finishedAtOnce);
  let failed = 0;
  for (const complete of left) {
    await finishUpload(ctx, complete, { told: false }).catch(async (error: unknown) => {
      if (error instanceof Refusal) return; // has been drawn its consequences
      failed += 1; // told in the log
      await giveUpDamaged(ctx, complete, error);
    });
  }
  return left.length === finishedAtOnce && failed === 0 ? 'more' : undefined;
}

/** Uploads that are over go with their bytes. Safe to run twice and in several processes. */
export async function sweepUploads(ctx: Context): Promise<Swept> {
  const dropped = await ctx.db.transaction(async (tx) => {
    const over = await lockOver(tx, droppedAtOnce);
    await dropUploads(tx, over);
    return over.length;
  });
  return dropped === droppedAtOnce ? 'more' : undefined;
}

export const tusSweepers = [
  sweeper({ name: 'broker.finish-uploads', everySeconds: 5, run: finishUploads }),
  sweeper({ name: 'broker.sweep-uploads', everySeconds: 60, run: sweepUploads }),
];
