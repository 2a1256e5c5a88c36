import { mayEach } from '#access/index.ts';
import { numberedAfter } from '#events/index.ts';
import type { Context } from '#kernel/context.ts';
import { describeFault } from '#kernel/fault.ts';
import { Overloaded } from '#kernel/overloaded.ts';
import type { Change, ChangeFeed, Listener } from './context.ts';
import { type Changed, listChanged } from './store/changed.ts';
import { findFollowed } from './store/entry.ts';

/** How often is looked for what is new, and each listener asked whether it may still listen. */
export interface Pace {
  readonly lookEveryMillis: number;
  readonly askEveryMillis: number;
}
const usualPace: Pace = { lookEveryMillis: 1000, askEveryMillis: 15_000 };
const mostListeners = 5000;
/** Of one person; a page that opens one more closes the oldest. */
const mostOfPerson = 6;
const batch = 1000;

const kinds: Readonly<Record<string, Change['kind']>> = {
  'no.altinn.correspondence.correspondencepublished': 'post',
  'no.altinn.broker.published': 'post',
  'no.altinn.correspondence.correspondencereceiverread': 'opened',
  'no.altinn.broker.downloadconfirmed': 'opened',
  'no.altinn.correspondence.correspondencereceiverconfirmed': 'counts',
};

/**
 * Looks once a second, for all pages that are open in this process together, for what inboxes have come to show, and tells those who
 * may read it. Nothing is looked for while nobody listens. Nobody is waited for: no transaction that sends notifies anybody.
 */
export function createChangeFeed(ctx: Context, { lookEveryMillis, askEveryMillis }: Pace = usualPace): ChangeFeed {
  const listeners = new Set<Listener>();
  let looking: Promise<void> = Promise.resolve();
  let askedAt = Date.now();
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  async function look(): Promise<void> {
    const followed = await findFollowed(ctx.db);
    await askWhetherStill();
    const behind = [...listeners].filter(({ heard }) => heard < followed);
    if (behind.length === 0) return;
    const from = Math.min(...behind.map(({ heard }) => heard));
    const events = await numberedAfter(ctx.db, from, batch);
    const known = events.filter(({ position, type }) => position <= followed && type in kinds);
    const reached = events.length === batch ? events.at(-1)!.position : followed;
    const changed = await listChanged(ctx.db, [...new Set(known.map(({ resourceInstance }) => resourceInstance))]);
    const entries = Map.groupBy(changed, ({ id }) => id);
    const heard = behind.flatMap((listener) =>
      known
        .filter(({ position }) => position > listener.heard)
        .flatMap(({ position, type, resourceInstance }) =>
          (entries.get(resourceInstance) ?? [])
            .filter(({ party }) => listener.parties.has(party))
            .map((entry) => ({ listener, entry, change: { number: position, kind: kinds[type]!, party: entry.party, id: entry.id } })),
        ),
    );
    const rights = await mayEach(
      ctx.db,
      heard.map(({ listener: { caller }, entry }) => ({ caller, question: questionOf(entry) })),
    );
    for (const [i, { listener, change }] of heard.entries()) {
      if (rights[i]!.permit && rights[i]!.by === 'right' && listeners.has(listener)) listener.tell(change);
    }
    for (const listener of behind) listener.heard = Math.max(listener.heard, Math.min(reached, followed));
  }

  async function askWhetherStill(): Promise<void> {
    if (Date.now() - askedAt < askEveryMillis) return;
    askedAt = Date.now();
    for (const listener of [...listeners]) if (!(await listener.isStill())) end(listener);
  }

  function end(listener: Listener): void {
    if (listeners.delete(listener)) listener.end();
  }

  function again(): void {
    if (isClosed || timer || listeners.size === 0) return;
    timer = setTimeout(() => {
      looking = look()
        .catch((error: unknown) => ctx.log.warn(describeFault(error), 'open pages could not be told what is new'))
        .finally(() => {
          timer = undefined;
          again();
        });
    }, lookEveryMillis);
  }

  return {
    add(listener) {
      const own = [...listeners].filter(({ caller }) => caller.subject === listener.caller.subject);
      if (own.length >= mostOfPerson) end(own[0]!);
      if (isClosed || listeners.size >= mostListeners) throw new Overloaded(10, 'Too many pages listen already.');
      listeners.add(listener);
      again();
    },
    remove: (listener) => void listeners.delete(listener),
    async close() {
      isClosed = true;
      clearTimeout(timer);
      for (const listener of [...listeners]) end(listener);
      await looking;
    },
  };
}

function questionOf({ id, party, resource }: Changed) {
  return { action: 'read', resource, party, instance: id };
}
