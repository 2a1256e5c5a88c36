import type { Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { readDirectory } from '../climb/addressees.ts';
import { awaitDecision, checkPublicationAgain, tellExpiring, tellFailure, tellSenderAgain } from '../climb/decide-step.ts';
import { saveNewSteps } from '../store/begin.ts';
import { refreshNextActions } from '../store/item.ts';
import { claimUnheard, clearUnheard, listUnheardSenders, type UnheardSender, type UnheardWatch } from '../store/told.ts';
import type { StepSpec } from '../types.ts';
import { hearerOf, readSenderReaders } from './sender-readers.ts';

const batch = 500;

/**
 * Senders of whose post somebody was to be told, and nobody could be, are told as soon as somebody can: by an address of their own, of what
 * they went into or are part of, or of a second contact. Says of how many watches. Any number of workers may run it.
 */
export async function tellUnheard(ctx: Context): Promise<number> {
  const unheard = await listUnheardSenders(ctx.db);
  if (unheard.length === 0) return 0;
  const parties = [...new Set(unheard.flatMap(({ sender, hearer }) => [sender, hearer]))];
  const readers = await readSenderReaders(ctx.db, await readDirectory(ctx.db, parties), parties);
  const able = unheard.filter((one) => hearerOf(sendingOf(one), readers) !== undefined);
  if (able.length === 0) return 0;
  for (let told = 0; ; ) {
    const n = await ctx.db.transaction((tx) => tellSome(tx, able));
    told += n;
    if (n < batch) return told;
  }
}

const sendingOf = ({ sender, hearer }: UnheardSender) => ({ sender, sentBy: hearer === sender ? null : hearer });

async function tellSome(tx: Tx, of: readonly UnheardSender[]): Promise<number> {
  const claimed = await claimUnheard(tx, of, batch);
  if (claimed.length === 0) return 0;
  const at = claimed[0]!.at;
  saveNewSteps(
    tx,
    claimed.map((watch) => ({
      ...{ about: watch.about, party: watch.party, spec: stepFor(watch), dueAt: at },
      ...{ source: 'policy' as const, orderId: null, rank: null },
    })),
    at,
  );
  clearUnheard(tx, claimed);
  refreshNextActions(tx, claimed);
  return claimed.length;
}

function stepFor({ unheard, isPublished }: UnheardWatch): StepSpec {
  if (unheard === 'sender-failed') return tellFailure;
  if (unheard === 'sender-decision') return awaitDecision;
  if (unheard === 'sender-expiring') return tellExpiring;
  return isPublished ? tellSenderAgain : checkPublicationAgain;
}
