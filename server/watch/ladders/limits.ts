import type { StepSpec, TurnsTo } from '../types.ts';
import { millisOf } from './duration.ts';

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

/** Pure. Where steps that a sender wrote go beyond what the resource lets it; empty: nowhere. They are sound already. */
export function beyond(steps: readonly StepSpec[], limits: LadderLimits): string[] {
  if (!limits.own) return ['the resource lets no sender write steps'];
  const [least, most] = [limits.notBefore, limits.within].map((duration) => (duration === null ? null : millisOf(duration)!));
  const early = (step: StepSpec) => least !== null && millisOf(step.after)! > 0 && millisOf(step.after)! < least!;
  const late = (step: StepSpec) => most !== null && millisOf(step.after)! > most!;
  return [
    ...(steps.length > limits.mostSteps ? [`the resource lets a sender have ${limits.mostSteps} steps`] : []),
    ...steps
      .filter(({ who }) => !limits.turnsTo.includes(who))
      .map(({ name, who }) => `${name}: the resource lets no sender turn to ${who}`),
    ...steps.filter(early).map(({ name }) => `${name}: not before ${limits.notBefore}`),
    ...steps.filter(late).map(({ name }) => `${name}: not later than ${limits.within}`),
  ];
}
