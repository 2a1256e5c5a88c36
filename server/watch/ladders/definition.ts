import type { Cause } from '../causes/cause.ts';
import {
  awaitDecision,
  checkPublication,
  notifyInTime,
  notifyNewAddress,
  notifyNewOpener,
  tellExpiring,
  tellFailure,
  tellNoOpener,
} from '../climb/decide-step.ts';
import type { StepSpec, TurnsTo } from '../types.ts';
import { dayMillis, millisOf, wholeDaysOf } from './duration.ts';

export const mostSteps = 20;
export const mostDays = 365;
export const mostWorkingDays = 250;
/** After so many days at the latest the sender has heard of what nobody has opened, whatever its ladder. */
export const senderHearsWithinDays = 30;

/** How anybody may be told. */
const channelsOf: Readonly<Record<TurnsTo, readonly StepSpec['channel'][]>> = {
  openers: ['preferred', 'email', 'sms', 'inbox'],
  grantors: ['preferred', 'email', 'sms', 'inbox'],
  'key-roles': ['preferred', 'email', 'sms', 'inbox'],
  fallback: ['preferred', 'email', 'sms'],
  // The mail of the day gathers what many steps have to say: no step can choose how it goes.
  sender: ['preferred', 'event'],
  'sender-fallback': ['preferred', 'event'],
  print: ['event'],
};

/** In which words. What is told to grantors and to a fallback follows from what they could do. */
const textsOf: Readonly<Record<TurnsTo, readonly string[]>> = {
  openers: ['new-mail', 'reminder'],
  grantors: ['sealed'],
  'key-roles': ['key-roles'],
  fallback: ['fallback'],
  sender: ['sender-unread', 'sender-decision'],
  'sender-fallback': ['sender-unread', 'sender-decision'],
  print: ['print'],
};

const noUse: Readonly<Record<TurnsTo, readonly Cause[]>> = {
  openers: ['not-published', 'receiver-gone', 'no-opener', 'grant-needed'],
  grantors: [
    'not-published',
    'returned',
    'receiver-gone',
    'no-opener',
    'opened-not-confirmed',
    'file-not-fetched',
    'no-contact-point',
    'notification-failed',
    'not-notified',
    'waiting',
    'unknown',
    'notified-not-opened',
  ],
  'key-roles': ['not-published', 'receiver-gone', 'opened-not-confirmed'],
  fallback: ['not-published', 'opened-not-confirmed'],
  sender: ['not-published'],
  'sender-fallback': ['not-published'],
  print: ['not-published', 'receiver-gone', 'opened-not-confirmed'],
};

/** Names of steps that every watch may have beside its ladder. */
const taken: readonly string[] = [
  checkPublication,
  tellFailure,
  tellNoOpener,
  tellExpiring,
  awaitDecision,
  notifyNewOpener,
  notifyNewAddress,
  notifyInTime,
].map(({ name }) => name);
/** What senders order takes the place of these. */
const ordered = ['notify', 'remind'];

/**
 * Pure. What is wrong with a ladder, in words for whoever wrote it; empty: nothing. A ladder is bounded, none of its steps says nothing, and
 * it leaves no sender in the dark: after 30 days at most the sender has heard.
 */
export function faultsOf(steps: readonly StepSpec[]): string[] {
  const faults = steps.flatMap((step) => stepFaults(step).map((fault) => `${step.name}: ${fault}`));
  const names = steps.map(({ name }) => name);
  const twice = names.filter((name, i) => names.indexOf(name) !== i).map((name) => `${name}: another step has the same name`);
  const silent = faults.length === 0 && senderHearsAfterDays(steps) > senderHearsWithinDays;
  const late = silent
    ? [
        `the sender must hear of unread post within ${senderHearsWithinDays} days: by mail, by a step for any cause, or by the end of the ladder`,
      ]
    : [];
  return [...faults, ...twice, ...late];
}

function stepFaults(step: StepSpec): string[] {
  const { name, who, channel, text, when, otherwise } = step;
  const days = daysAfter(step);
  const useless = when.length > 0 && when.every((cause) => isUseless(step, cause as Cause));
  return [
    ...(taken.includes(name) || name === 'notify-otherwise' ? ['the name stands for a step that every watch may have'] : []),
    ...(ordered.includes(name) && who !== 'openers' ? ['what senders order by this name is for those who can open'] : []),
    ...(step.workingDays && wholeDaysOf(step.after) === undefined ? ['working days are counted whole, as in P3D'] : []),
    ...(days === undefined ? [`no later than ${mostDays} days, or ${mostWorkingDays} working days`] : []),
    ...(channelsOf[who].includes(channel) ? [] : [`${who} are not told by ${channel}`]),
    ...(textsOf[who].includes(text) ? [] : [`${who} are not told in the words of ${text}`]),
    ...(otherwise && who !== 'openers' ? ['only a step toward openers may turn to others'] : []),
    ...(new Set(when).size === when.length ? [] : ['a cause stands twice']),
    ...(when.includes('not-published') ? ['a ladder begins when the post is published'] : []),
    ...(useless && !when.includes('not-published') ? ['under these causes it says nothing to anybody'] : []),
  ];
}

function isUseless({ who, otherwise }: StepSpec, cause: Cause): boolean {
  return noUse[who].includes(cause) && !(otherwise === 'grantors' && cause === 'grant-needed');
}

/** Of what is published on the worst morning there is, between Easter and Whitsun or before Christmas. By working days from none to 20. */
const fewDaysOff: readonly number[] = [5, 5, 5, 6, 7, 6, 6, 8, 7, 7, 6, 8, 8, 7, 7, 7, 8, 9, 8, 8, 9];

/** Pure. What holidays, and the days off on which it was published, add at most to the calendar days of so many working days. */
function mostDaysOff(workingDays: number): number {
  const many = workingDays < 84 ? 12 : workingDays < 240 ? 17 : 21;
  return fewDaysOff[workingDays] ?? many;
}

/** Pure. At most so many days after publication, holidays counted; undefined: later than any step may be. */
export function daysAfter(step: StepSpec): number | undefined {
  if (step.workingDays) {
    const days = wholeDaysOf(step.after);
    return days === undefined || days > mostWorkingDays ? undefined : Math.floor((days * 7) / 5) + mostDaysOff(days);
  }
  const millis = millisOf(step.after);
  return millis === undefined || millis > mostDays * dayMillis ? undefined : millis / dayMillis;
}

/** By a mail for any cause: an event reaches those alone who listen. Else a week after the last step, when the watch itself asks the sender. */
function senderHearsAfterDays(steps: readonly StepSpec[]): number {
  const told = steps
    .filter(({ who, when, channel }) => who === 'sender' && when.length === 0 && channel !== 'event')
    .map((step) => daysAfter(step)!);
  const atItsEnd = Math.max(...steps.map((step) => daysAfter(step)!)) + 7;
  return Math.min(...told, atItsEnd);
}
