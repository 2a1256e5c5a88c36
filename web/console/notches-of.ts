import type { Step, TimelineEntry, Watch } from '../api/sent.ts';
import { eventText } from '../ui/event-text.ts';
import type { Say } from '../ui/language.ts';
import { type Notch, tellsSomething } from '../ui/notches.ts';
import { isCalm } from './way-of.ts';

/** The stick of a message: what is to come at the top, then what happened, newest first. */
export function notchesOf(watch: Watch, timeline: readonly TimelineEntry[], t: Say, moment: (at: string) => string): Notch[] {
  const happened = timeline.filter(tellsSomething).toReversed();
  const isOpen = watch.outcome === null;
  const past = happened.map((entry, index): Notch => {
    const now = isOpen ? (isCalm(watch.cause) ? 'here' : 'stopped') : 'settled';
    const state = index > 0 ? 'done' : now;
    const more = moreText(entry, t);
    return { id: entry.id, title: happenedText(entry, t), when: moment(entry.at), ...(more ? { more } : {}), state };
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

/** What happened; of a step of the ladder also to whom. */
export function happenedText({ event, core }: TimelineEntry, t: Say): string {
  if (event !== 'LadderStep') return eventText(t, event);
  return core.toldKind ? t(`told.${core.toldKind}`) : core.passedOver ? t('told.nobody') : eventText(t, event);
}

/** Events of which the name alone does not tell a reader what it means for the letter. */
const explained = [
  'SubmissionAcceptance',
  'ContentConsignment',
  'ContentConsignmentFailure',
  'ConsignmentNotification',
  'ConsignmentNotificationFailure',
  'NotificationDelivered',
  'ContentAccessTracking',
  'ContentHandover',
  'ConsignmentAcceptance',
  'AccessLost',
  'AccessRegained',
  'AccessGranted',
  'AcceptedUnread',
  'ContentPurged',
] as const;

/** What that means, plainly; what it proves is said elsewhere. */
function moreText({ event, core }: TimelineEntry, t: Say): string | undefined {
  if (event === 'LadderStep') {
    if (core.toldKind) return core.toldKind !== 'sender' && core.told ? t('told.count', { count: core.told }) : undefined;
    return core.passedOver ? t('told.nobodyNext') : undefined;
  }
  const known = explained.find((each) => each === event);
  return known ? t(`says.${known}`) : undefined;
}

/** What a step of the ladder does, by whom it reaches. */
export function stepText({ who }: Pick<Step, 'who'>, t: Say): string {
  return t(`step.${who}`);
}
