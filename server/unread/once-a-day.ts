import type { Context } from '#kernel/context.ts';
import type { Db } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { unreadErrors as e } from './errors.ts';
import { dayInOslo } from './oslo.ts';
import type { PostKind } from './policies.ts';

/** Answers that a process keeps of one database; the oldest is forgotten first. */
const mostKept = 500;

/** Days of Norway, and whose post of which kinds. */
export interface Asked {
  readonly sender: PartyId;
  readonly kinds: readonly PostKind[];
  readonly from: string;
  readonly to: string;
}

interface Measured<Answer> {
  readonly day: string;
  readonly kept: Map<string, Promise<Answer>>;
  /** For whom something is being measured. */
  readonly busy: Set<PartyId>;
}

type Measure<Answer> = (ctx: Context, asked: Asked) => Promise<Answer>;

/**
 * What reads all that was sent in a period is measured once a day in each process, and for a sender one period at a time.
 * Refuses stillMeasuring.
 */
export function onceADay<Answer>(measure: Measure<Answer>): Measure<Answer> {
  const measured = new WeakMap<Db, Measured<Answer>>();
  const ofToday = ({ db, now }: Context): Measured<Answer> => {
    const day = dayInOslo(now());
    const last = measured.get(db);
    if (last?.day === day) return last;
    const fresh = { day, kept: new Map(), busy: last?.busy ?? new Set<PartyId>() };
    measured.set(db, fresh);
    return fresh;
  };
  return (ctx, asked) => {
    const { sender, kinds, from, to } = asked;
    const { kept, busy } = ofToday(ctx);
    const key = `${sender} ${kinds.join('+')} ${from} ${to}`;
    const known = kept.get(key);
    if (known) return known;
    if (busy.has(sender)) throw refuse(e.stillMeasuring);
    busy.add(sender);
    const answer = measure(ctx, asked).finally(() => busy.delete(sender));
    kept.set(key, answer);
    answer.catch(() => kept.delete(key));
    if (kept.size > mostKept) kept.delete(kept.keys().next().value!);
    return answer;
  };
}
