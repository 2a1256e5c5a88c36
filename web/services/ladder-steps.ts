import type { Channel, LadderStep, TurnsTo } from '../api/services.ts';

/** How those whom a step turns to may be told. The server says the same of what it takes. */
const channelsOf: Readonly<Record<TurnsTo, readonly Channel[]>> = {
  openers: ['preferred', 'email', 'sms', 'inbox'],
  grantors: ['preferred', 'email', 'sms', 'inbox'],
  'key-roles': ['preferred', 'email', 'sms', 'inbox'],
  fallback: ['preferred', 'email', 'sms'],
  sender: ['preferred', 'event'],
  'sender-fallback': ['preferred', 'event'],
  print: ['event'],
};

/** In which words, the usual first. */
const textsOf: Readonly<Record<TurnsTo, readonly string[]>> = {
  openers: ['new-mail', 'reminder'],
  grantors: ['sealed'],
  'key-roles': ['key-roles'],
  fallback: ['fallback'],
  sender: ['sender-unread', 'sender-decision'],
  'sender-fallback': ['sender-unread', 'sender-decision'],
  print: ['print'],
};

/** Causes under which somebody is told at all. */
const causesOf: Partial<Record<TurnsTo, LadderStep['when']>> = { grantors: ['grant-needed', 'attachment-locked'] };

export const channelsFor = (who: TurnsTo): readonly Channel[] => channelsOf[who];
export const textsFor = (who: TurnsTo): readonly string[] => textsOf[who];

export type Unit = 'hours' | 'days' | 'working-days';

export interface After {
  readonly amount: number;
  readonly unit: Unit;
}

/** Of the durations that steps have, as people count them; null for one that is written otherwise, which stays as it is. */
export function readAfter({ after, workingDays }: Pick<LadderStep, 'after' | 'workingDays'>): After | null {
  if (after === 'PT0S') return { amount: 0, unit: 'days' };
  const days = /^P(\d{1,3})D$/.exec(after)?.[1];
  if (days !== undefined) return { amount: Number(days), unit: workingDays ? 'working-days' : 'days' };
  const hours = /^PT(\d{1,4})H$/.exec(after)?.[1];
  return hours === undefined ? null : { amount: Number(hours), unit: 'hours' };
}

export function writeAfter({ amount, unit }: After): Pick<LadderStep, 'after' | 'workingDays'> {
  const whole = Number.isFinite(amount) ? Math.max(0, Math.min(999, Math.round(amount))) : 0;
  if (unit === 'hours') return { after: whole === 0 ? 'PT0S' : `PT${whole}H` };
  if (unit === 'working-days') return { after: `P${whole}D`, workingDays: true };
  return { after: whole === 0 ? 'PT0S' : `P${whole}D` };
}

/** The step that follows others: toward these, in their usual words, by a name that none of the others has. */
export function newStep(
  who: TurnsTo,
  others: readonly LadderStep[],
  { after, workingDays }: Pick<LadderStep, 'after' | 'workingDays'>,
): LadderStep {
  const text = who === 'openers' && others.some((each) => each.who === 'openers') ? 'reminder' : textsOf[who][0]!;
  return {
    name: nameFor(who, text, others),
    after,
    ...(workingDays ? { workingDays } : {}),
    when: causesOf[who] ?? [],
    who,
    channel: channelsOf[who][0]!,
    text,
  };
}

/** What senders order takes the place of `notify` and `remind`: those stand for the first step toward readers and the first reminder. */
function nameFor(who: TurnsTo, text: string, others: readonly LadderStep[]): string {
  const stem = who === 'openers' ? (text === 'new-mail' ? 'notify' : 'remind') : who === 'sender' ? 'tell-sender-step' : `tell-${who}`;
  const names = new Set(others.map(({ name }) => name));
  for (let n = 1; ; n += 1) {
    const name = n === 1 ? stem : `${stem}-${n}`;
    if (!names.has(name)) return name;
  }
}
