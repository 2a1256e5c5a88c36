import type { StepSpec, TurnsTo } from '../types.ts';
import { dayMillis, millisOf } from './duration.ts';

/** What the owner of a resource lets a sender choose for one message. */
export interface LadderLimits {
  /** Ladders that a sender may name, besides the resource's own. */
  readonly ladders: readonly string[];
  /** Whether it may write its own, or change steps. */
  readonly own: boolean;
  readonly mostSteps: number;
  /** Whom its steps may turn to. */
  readonly turnsTo: readonly TurnsTo[];
  /** No step before this, but for those at once: nobody is hurried. Null: any. */
  readonly notBefore: string | null;
  /** Every step within this. Null: any. */
  readonly within: string | null;
}

/** Where the owner has said nothing: the resource's ladder and no other. */
export const noChoice: LadderLimits = { ladders: [], own: false, mostSteps: 0, turnsTo: [], notBefore: null, within: null };

/** What a sender makes of a ladder, sound already. */
export interface Wished {
  /** Written or changed by it. */
  readonly steps: readonly StepSpec[];
  /** Steps that will not come any more. */
  readonly leftOut: readonly StepSpec[];
  /** Days after publication at which a step falls due, working days counted out. */
  readonly daysAfter: (step: StepSpec) => number;
}

/** Whichever day of the year a day of 23 or 25 hours lies in between. */
const summerTime = 1 / 24;

/** Pure. Where a sender goes beyond what the resource lets it; empty: nowhere. Changing a step or leaving it out is as much as writing one: who may not turn to somebody may not silence what does. */
export function beyond({ steps, leftOut, daysAfter }: Wished, limits: LadderLimits): string[] {
  if (!limits.own) return ['the resource lets no sender write steps'];
  const [least, most] = [limits.notBefore, limits.within].map((duration) => (duration === null ? null : millisOf(duration)!));
  const early = (step: StepSpec) => least !== null && millisOf(step.after)! > 0 && millisOf(step.after)! < least!;
  const late = (step: StepSpec) => most !== null && daysAfter(step) > most! / dayMillis + summerTime;
  return [
    ...(steps.length + leftOut.length > limits.mostSteps ? [`the resource lets a sender have ${limits.mostSteps} steps`] : []),
    ...steps
      .filter(({ who }) => !limits.turnsTo.includes(who))
      .map(({ name, who }) => `${name}: the resource lets no sender turn to ${who}`),
    ...leftOut
      .filter(({ who }) => !limits.turnsTo.includes(who))
      .map(({ name, who }) => `${name}: the resource lets no sender leave out ${who}`),
    ...(most === null ? [] : leftOut.map(({ name }) => `${name}: it must come, and not later than ${limits.within}`)),
    ...steps.filter(early).map(({ name }) => `${name}: not before ${limits.notBefore}`),
    ...steps.filter(late).map(({ name }) => `${name}: not later than ${limits.within}`),
  ];
}
