import type { Step, TimelineEntry, Watch } from '../api/sent.ts';
import { eventText } from '../ui/event-text.ts';
import type { Say } from '../ui/language.ts';
import { type Notch, tellsSomething } from '../ui/notches.ts';

/** The stick of a message: what is to come at the top, then what happened, newest first. */
export function notchesOf(watch: Watch, timeline: readonly TimelineEntry[], t: Say, moment: (at: string) => string): Notch[] {
  const happened = timeline.filter(tellsSomething).toReversed();
  const isOpen = watch.outcome === null;
  const past = happened.map(({ id, at, event, sentence }, index): Notch => {
    const state = index > 0 ? 'done' : isOpen ? 'stopped' : 'settled';
    return { id, title: eventText(t, event), when: moment(at), more: sentence, state };
  });
  return isOpen ? [...toCome(watch, t, moment), ...past] : past;
}

function toCome(watch: Watch, t: Say, moment: (at: string) => string): Notch[] {
  const hoped: Notch[] = [];
  if (watch.confirmNeeded) hoped.push({ id: 'confirmed', title: t('stick.confirmed'), when: null, state: 'to-come' });
  if (!watch.openedAt) hoped.push({ id: 'opened', title: t('stick.opened'), when: null, state: 'to-come' });
  const steps = watch.steps.filter(({ state }) => state === 'due').toSorted((a, b) => b.dueAt.localeCompare(a.dueAt));
  const planned = steps.map((step): Notch => ({ id: step.name, title: stepText(step, t), when: moment(step.dueAt), state: 'to-come' }));
  return [...hoped, ...planned];
}

/** What a step of the ladder does, by whom it reaches. */
export function stepText({ who }: Pick<Step, 'who'>, t: Say): string {
  return t(`step.${who}`);
}
