import type { Step, TimelineEntry, Watch } from '../api/sent.ts';
import { eventText } from '../ui/event-text.ts';
import type { Say } from '../ui/language.ts';
import { type Notch, tellsSomething } from '../ui/notches.ts';
import { isCalm } from './way-of.ts';

/** The stick of a message: what is to come at the top, then what happened, newest first. */
export function notchesOf(
  { watch, laid, timeline }: { readonly watch: Watch; readonly laid: string | null; readonly timeline: readonly TimelineEntry[] },
  t: Say,
  moment: (at: string) => string,
): Notch[] {
  const happened = timeline.filter(tellsSomething).toReversed();
  const isOpen = watch.outcome === null;
  const past = happened.map((entry, index): Notch => {
    const now = isOpen ? (isCalm(watch.cause) ? 'here' : 'stopped') : 'settled';
    const state = index > 0 ? 'done' : now;
    const more = moreText(entry, t);
    return { id: entry.id, title: happenedText(entry, t, watch.steps), when: moment(entry.at), ...(more ? { more } : {}), state };
  });
  return isOpen ? [...toCome(watch, laid, t, moment), ...past] : past;
}

function toCome(watch: Watch, laid: string | null, t: Say, moment: (at: string) => string): Notch[] {
  const hoped: Notch[] = [];
  if (watch.confirmNeeded) hoped.push({ id: 'confirmed', title: t('stick.confirmed'), when: null, state: 'to-come' });
  if (!watch.openedAt) hoped.push({ id: 'opened', title: t('stick.opened'), when: null, state: 'to-come' });
  const planned = plannedFor(watch, laid, t)
    .toReversed()
    .map(({ id, what, at }): Notch => ({ id, title: what, when: moment(at), state: 'to-come' }));
  return [...hoped, ...planned];
}

/** What comes by itself, in its order: that it is laid in the inbox, and steps of the ladder. */
export function plannedFor(
  { steps, class: reach }: Pick<Watch, 'steps' | 'class'>,
  laid: string | null,
  t: Say,
): { id: string; what: string; at: string }[] {
  const due = steps
    .filter(({ state }) => state === 'due')
    .map((step) => ({ id: step.name, what: comingText(step, reach, t), at: step.dueAt }));
  const all = laid === null ? due : [{ id: 'published', what: t('next.publish'), at: laid }, ...due];
  return all.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

/** Steps by which the sender is asked to decide, and not only told. */
const asking: ReadonlySet<string> = new Set(['ask-sender', 'await-decision']);

/** What happened; of a step of the ladder also to whom: what turns to the sender or to paper names nobody who was told. */
export function happenedText({ event, core }: TimelineEntry, t: Say, steps: Watch['steps']): string {
  if (isForPerson({ event, core })) return t('told.system');
  if (event !== 'LadderStep') return eventText(t, event);
  if (core.toldKind) return t(`told.${core.toldKind}`);
  const step = steps.find(({ name }) => name === core.step);
  if (core.passedOver) return t(core.passedOver === 'no-contact-point' && step?.who === 'sender' ? 'told.senderMissed' : 'told.nobody');
  if (!step) return eventText(t, event);
  if (step.who === 'print') return stepText(step, t);
  return step.who === 'sender' && asking.has(step.name) ? t('told.asked') : t(`told.${step.who}`);
}

/** A system has taken the letter, which waits for a person. */
const isForPerson = ({ event, core }: Pick<TimelineEntry, 'event' | 'core'>): boolean =>
  event === 'ContentHandover' && core.awaits === 'person';

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
    if (core.passedOver) return t(core.passedOver === 'no-contact-point' ? 'told.noAddress' : 'told.nobodyNext');
    return undefined;
  }
  if (isForPerson({ event, core })) return t('told.systemMore');
  const known = explained.find((each) => each === event);
  return known ? t(`says.${known}`) : undefined;
}

/** What a step of the ladder does, by whom it reaches; that the sender is asked to decide, and not only told, is said to the sender. */
export function stepText({ who, name }: Pick<Step, 'who' | 'name'>, t: Say): string {
  return who === 'sender' && asking.has(name) ? t('step.asked') : t(`step.${who}`);
}

/** The same of one to come: where nobody can open, it tells whoever can by then. */
function comingText(step: Step, reach: Watch['class'], t: Say): string {
  return step.who === 'openers' && (reach === 'UNREACHABLE' || reach === 'GRANTABLE') ? t('step.openersIfAny') : stepText(step, t);
}
