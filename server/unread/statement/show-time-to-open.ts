import type { Caller, Context } from '#kernel/context.ts';
import type { Db } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { unreadErrors as e } from '../errors.ts';
import { dayInOslo } from '../oslo.ts';
import { boundsOf } from '../store/statement.ts';
import { measureTimeToOpen } from '../store/time-to-open.ts';
import { checkPeriod, senderOf } from './show-statements.ts';
import type { PeriodQuery, TimeToOpen } from './wire.ts';

/** Answers that a process keeps of one database; the oldest is forgotten first. */
const mostKept = 500;

interface Measured {
  readonly day: string;
  readonly kept: Map<string, Promise<TimeToOpen>>;
  /** For whom something is being measured. */
  readonly busy: Set<PartyId>;
}
const measured = new WeakMap<Db, Measured>();

/**
 * How long it took until what a sender published in a period was opened. It reads all that was sent in that time by anybody: a period is
 * measured once a day in each process, and for a sender one at a time. Refuses sendersOnly, periodNotValid, stillMeasuring.
 */
export function showTimeToOpen(ctx: Context, caller: Caller, query: PeriodQuery): Promise<TimeToOpen> {
  const sender = senderOf(caller);
  checkPeriod(query);
  const { kept, busy } = ofToday(ctx);
  const key = `${sender} ${query.from} ${query.to}`;
  const known = kept.get(key);
  if (known) return known;
  if (busy.has(sender)) throw refuse(e.stillMeasuring);
  busy.add(sender);
  const answer = measure(ctx, sender, query).finally(() => busy.delete(sender));
  kept.set(key, answer);
  answer.catch(() => kept.delete(key));
  if (kept.size > mostKept) kept.delete(kept.keys().next().value!);
  return answer;
}

function ofToday({ db, now }: Context): Measured {
  const day = dayInOslo(now());
  const last = measured.get(db);
  if (last?.day === day) return last;
  const fresh = { day, kept: new Map(), busy: last?.busy ?? new Set<PartyId>() };
  measured.set(db, fresh);
  return fresh;
}

async function measure(ctx: Context, sender: PartyId, query: PeriodQuery): Promise<TimeToOpen> {
  const measuredAt = ctx.now().toISOString();
  const [{ from }, { to }] = await Promise.all([boundsOf(ctx.db, query.from), boundsOf(ctx.db, query.to)]);
  const rows = await measureTimeToOpen(ctx.db, sender, from, to);
  return {
    sender,
    from: from.toISOString(),
    to: to.toISOString(),
    measuredAt,
    groups: rows.map(({ within1, within3, within7, within14, within30, aged1, aged3, aged7, aged14, aged30, neverOpened, ...row }) => {
      const share = (n: number, of: number) => (of === 0 ? null : n / of);
      return {
        ...row,
        openedWithin: {
          days1: share(within1, aged1),
          days3: share(within3, aged3),
          days7: share(within7, aged7),
          days14: share(within14, aged14),
          days30: share(within30, aged30),
        },
        neverOpened: share(neverOpened, row.published),
      };
    }),
  };
}
