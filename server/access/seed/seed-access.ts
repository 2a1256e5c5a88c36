import type { Context } from '#kernel/context.ts';
import { announceAccessChanges } from '../announce.ts';
import { findSeedVersion, lockSeed, saveSeed } from '../store/seed.ts';
import { builtInSeed, implicationsOf, rolePackagesOf, type SeedDocument } from './seed-document.ts';

/**
 * Loads roles and access packages when the document is newer than what the database has; any number of processes may call
 * it at once. Answers whether it loaded. Without a document: the one that comes with the program.
 */
export function seedAccess(ctx: Pick<Context, 'db'>, document: SeedDocument = builtInSeed()): Promise<boolean> {
  return ctx.db.transaction(async (tx) => {
    await lockSeed(tx);
    if ((await findSeedVersion(tx)) >= document.version) return false;
    saveSeed(tx, document, implicationsOf(document), rolePackagesOf(document));
    await announceAccessChanges(tx);
    return true;
  });
}
