import type { Caller, Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { boundedMap } from './bounded-map.ts';
import { type Seen, saveActivity } from './store.ts';

/** Told, in the transaction that writes it, who is seen anew: access may have changed by it. */
export type OnCaller = (tx: Tx, seen: readonly Seen[]) => Promise<void>;

export interface ActivityRecorder {
  /** Notes the caller, and returns at once. */
  note(caller: Caller): void;
  /** Answers when all that was noted stands in the database, or has failed to. */
  flush(): Promise<void>;
}

const hour = 60 * 60_000;
const readScopes = ['altinn:correspondence.read', 'altinn:broker.read'];
const waitingAtMost = 10_000;

/**
 * Writes down who is seen, at most once per party, client and hour of domain time (and when a token shows more than the
 * last: a read scope, a higher level). Never in a request's way: rows wait in memory while the last batch is written.
 * What a crash loses is seen again at the party's next call, and so is what `onCaller` throws at.
 */
export function createActivityRecorder(ctx: Context, onCaller?: OnCaller): ActivityRecorder {
  const last = boundedMap<string, Seen>(50_000);
  const waiting = new Map<string, Seen>();
  let writing: Promise<void> | undefined;

  async function writeAll(): Promise<void> {
    while (waiting.size > 0) {
      const batch = [...waiting.values()];
      waiting.clear();
      try {
        await ctx.db.transaction(async (tx) => {
          saveActivity(tx, batch);
          await onCaller?.(tx, batch);
        });
      } catch (error) {
        for (const seen of batch) last.delete(keyOf(seen));
        ctx.log.warn({ rows: batch.length, reason: error instanceof Error ? error.message : String(error) }, 'activity was not noted');
      }
    }
  }

  return {
    note(caller) {
      const seen = seenOf(caller, ctx.now());
      if (!seen) return;
      const key = keyOf(seen);
      const before = last.get(key);
      if (before && !saysMore(before, seen)) return;
      if (waiting.size >= waitingAtMost && !waiting.has(key)) return;
      const merged = before ? merge(before, seen) : seen;
      last.set(key, merged);
      waiting.set(key, merged);
      writing ??= Promise.resolve()
        .then(writeAll)
        .finally(() => {
          writing = undefined;
        });
    },
    async flush() {
      while (writing) await writing;
    },
  };
}

function seenOf(caller: Caller, at: Date): Seen | undefined {
  // An organization that a person acts as has not been here itself.
  if (caller.subject === null || caller.actor) return undefined;
  return {
    party: caller.subject,
    clientId: caller.kind === 'person' ? '' : (caller.clientId ?? ''),
    // Who comes with a dialog token reads, by the dialog's right and without a scope.
    readScope: caller.issuer === 'dialog' || readScopes.some((scope) => caller.scopes.has(scope)),
    authLevel: caller.authLevel,
    at,
  };
}

function saysMore(before: Seen, seen: Seen): boolean {
  return seen.at.getTime() - before.at.getTime() >= hour || (seen.readScope && !before.readScope) || seen.authLevel > before.authLevel;
}

function merge(before: Seen, seen: Seen): Seen {
  return { ...seen, readScope: before.readScope || seen.readScope, authLevel: Math.max(before.authLevel, seen.authLevel) };
}

function keyOf(seen: Seen): string {
  return `${seen.party} ${seen.clientId}`;
}
