import Type, { type Static } from 'typebox';
import { Timestamp } from '#kernel/schema.ts';
import type { Advanced } from './advance.ts';
import { mostDays, writeDuration } from './duration.ts';
import { type DueKind, dueKinds } from './next-due.ts';
import type { ClockRow } from './store.ts';

const now = { ...Timestamp, description: 'Domain time: what the sandbox takes the time to be.' };
const shift = Type.String({ description: 'How far domain time is ahead of real time, as a duration of ISO 8601.' });

export const ClockView = Type.Object({ now, shift });

export const AdvanceRequest = Type.Object({
  advance: Type.String({
    description: `A duration of ISO 8601 in weeks, days of 24 hours, hours, minutes and seconds; at most ${mostDays} days.`,
    examples: ['P7D'],
  }),
});

export const AdvancedView = Type.Object({
  now,
  shift,
  stops: Type.Array(Type.Object({ at: Timestamp, due: Type.Unsafe<DueKind>({ type: 'string', enum: dueKinds }) }), {
    description: 'The due times on the way, in order, and what was due first at each.',
  }),
});

export function toWire(clock: ClockRow): Static<typeof ClockView> {
  return { now: clock.now.toISOString(), shift: writeDuration(clock.shift) };
}

export function advancedToWire(advanced: Advanced): Static<typeof AdvancedView> {
  return { ...toWire(advanced), stops: advanced.stops.map(({ at, kind }) => ({ at: at.toISOString(), due: kind })) };
}
