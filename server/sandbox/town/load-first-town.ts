import { readFile } from 'node:fs/promises';
import type { Context } from '#kernel/context.ts';
import { loadTown } from './load-town.ts';
import { isSetUp } from './store.ts';

const demoTown = new URL('../towns/demo.json', import.meta.url);

/** Gives a new sandbox the demo's town to begin with. One in which any town was ever loaded is left as it is. */
export async function loadFirstTown(ctx: Context): Promise<void> {
  if (await isSetUp(ctx.db)) return;
  await loadTown(ctx, JSON.parse(await readFile(demoTown, 'utf8')));
}
