import type { Purpose } from '#notifications/index.ts';
import type { Cause } from '../causes/cause.ts';
import type { StepSpec } from '../types.ts';

/** What a step is decided on. */
export interface StepState {
  readonly published: boolean;
  /** It has failed, and the notice that tells its sender is on its way. */
  readonly beingTold: boolean;
  readonly opened: boolean;
  /** It waits to be confirmed. */
  readonly confirmNeeded: boolean;
  /** A file, of which the sender still decides when it was fetched and not confirmed. */
  readonly isFile?: boolean;
  /** A file that nobody can fetch any more. */
  readonly isOver?: boolean;
  readonly attachmentLocked: boolean;
  readonly receiverAlive: boolean;
  readonly openers: number;
  readonly grantors: number;
  /** The resource names somebody. */
  readonly hasFallback: boolean;
  readonly cause: Cause;
}

export type SkipReason =
  | 'published'
  | 'being-told'
  | 'not-published'
  | 'not-this-cause'
  | 'over'
  | 'receiver-gone'
  | 'opened'
  | 'no-opener'
  | 'no-grantor'
  | 'no-fallback'
  | 'can-be-opened'
  | 'attachment-locked';

export type Decision =
  | { readonly kind: 'act'; readonly who: Exclude<StepSpec['who'], 'print'>; readonly purpose: Purpose }
  | { readonly kind: 'relay' }
  | { readonly kind: 'skip'; readonly reason: SkipReason };

/** Pure. Whether a due step is taken, toward whom and in which words, or why not. */
export function decideStep(spec: StepSpec, state: StepState): Decision {
  if (spec.name === checkPublication.name) return state.published ? skip('published') : act('sender', 'sender-unread');
  if (spec.name === tellFailure.name) return state.beingTold ? skip('being-told') : act('sender', 'sender-failed');
  if (!state.published) return skip('not-published');
  if (spec.name === tellNoOpener.name) return state.opened || state.openers > 0 ? skip('can-be-opened') : act('sender', 'sender-unread');
  if (spec.when.length > 0 && !spec.when.includes(state.cause)) return skip('not-this-cause');
  if (spec.who === 'sender' || spec.who === 'sender-fallback') return act(spec.who, senderText(spec, state));
  if (state.isOver) return skip('over');
  if (spec.who === 'fallback') return towardFallback(state);
  if (!state.receiverAlive) return skip('receiver-gone');
  if (spec.who === 'openers') return towardOpeners(spec, state);
  if (spec.who === 'grantors') return towardGrantors(state);
  if (state.opened) return skip('opened');
  return spec.who === 'print' ? { kind: 'relay' } : act('key-roles', 'key-roles');
}

/** Whoever has opened has left the sender nothing to decide but to let it be, and still something to hear. */
function senderText(spec: StepSpec, state: StepState): Purpose {
  return spec.text === 'sender-decision' && state.opened && !state.isFile ? 'sender-unread' : (spec.text as Purpose);
}

/**
 * That a file has come is no news where it was fetched: whoever has come since hears that it is to be confirmed, the others when they are
 * reminded. Of a letter that was opened, and lies for an attachment alone, they hear of the attachment.
 */
function towardOpeners(spec: StepSpec, state: StepState): Decision {
  if (spec.name === notifyUnlocked.name && state.attachmentLocked) return skip('attachment-locked');
  const isLocked = state.opened && state.attachmentLocked && !state.confirmNeeded;
  const nothingToDo = isLocked || (isNewsOfFetchedFile(spec, state) && !isForNewcomers(spec));
  if (state.openers > 0 && !nothingToDo) return act('openers', openersText(spec, state));
  if (spec.otherwise === 'grantors' && state.grantors > 0) return towardGrantors(state);
  return skip(state.openers > 0 ? 'opened' : 'no-opener');
}

function openersText(spec: StepSpec, state: StepState): Purpose {
  const confirm = (spec.text === 'reminder' && state.opened && state.confirmNeeded) || isNewsOfFetchedFile(spec, state);
  if (confirm) return 'reminder-confirm';
  const waitsForAttachment = state.opened && !state.confirmNeeded && !state.isFile;
  return waitsForAttachment ? (ofAttachment[spec.text] ?? (spec.text as Purpose)) : (spec.text as Purpose);
}

const ofAttachment: Readonly<Record<string, Purpose>> = { 'new-mail': 'attachment-unlocked', reminder: 'attachment-reminder' };

const isNewsOfFetchedFile = ({ text }: StepSpec, { isFile, opened }: StepState): boolean =>
  text === 'new-mail' && isFile === true && opened;
const isForNewcomers = ({ name }: StepSpec): boolean => name === notifyNewOpener.name || name === notifyNewAddress.name;

function towardGrantors(state: StepState): Decision {
  if (state.grantors === 0) return skip('no-grantor');
  if (state.openers === 0) return act('grantors', 'sealed');
  return state.attachmentLocked ? act('grantors', 'sealed-attachment') : skip('can-be-opened');
}

/** Also for a recipient that is gone: whom the resource names may know what to do. */
function towardFallback(state: StepState): Decision {
  if (!state.hasFallback) return skip('no-fallback');
  if (state.opened) return skip('opened');
  const nobodyCan = state.openers === 0 && state.grantors === 0;
  return act('fallback', nobodyCan ? 'fallback' : 'fallback-unread');
}

const act = (who: Exclude<StepSpec['who'], 'print'>, purpose: Purpose): Decision => ({ kind: 'act', who, purpose });
const skip = (reason: SkipReason): Decision => ({ kind: 'skip', reason });

/** While something accepted hangs unpublished: looked after daily, and the sender is told each time; from the second day on by mail. */
export const checkPublication: StepSpec = {
  name: 'check-publication',
  after: 'PT15M',
  when: [],
  who: 'sender',
  channel: 'event',
  text: 'sender-unread',
};

export const checkPublicationAgain: StepSpec = { ...checkPublication, after: 'P1D', channel: 'preferred' };

/** It will never reach its recipient: the sender is told at once, and again each day until a mail server has taken the word. */
export const tellFailure: StepSpec = {
  name: 'tell-failure',
  after: 'PT0S',
  when: [],
  who: 'sender',
  channel: 'preferred',
  text: 'sender-failed',
};

/** When the ladder is at its end: the sender is asked again until it decides. */
export const awaitDecision: StepSpec = {
  name: 'await-decision',
  after: 'P7D',
  when: [],
  who: 'sender',
  channel: 'preferred',
  text: 'sender-decision',
};

/** The same for what is opened and waits to be confirmed, or has an attachment that nobody can open: the sender is told, and may let it be. */
export const tellSenderAgain: StepSpec = {
  name: 'tell-sender',
  after: 'P7D',
  when: [],
  who: 'sender',
  channel: 'preferred',
  text: 'sender-unread',
};

/** Unread bytes go, undecided: the sender hears of it before. */
export const tellExpiring: StepSpec = {
  name: 'tell-expiring',
  after: 'PT0S',
  when: [],
  who: 'sender',
  channel: 'preferred',
  text: 'sender-expiring',
};

/** Somebody can open what nobody could. */
export const notifyNewOpener: StepSpec = {
  name: 'notify-new-opener',
  after: 'PT0S',
  when: [],
  who: 'openers',
  channel: 'preferred',
  text: 'new-mail',
};

/** Somebody who can open has an address, where nobody had. */
export const notifyNewAddress: StepSpec = { ...notifyNewOpener, name: 'notify-new-address' };

/** The time of a file is so short that half of it is over before its ladder tells anybody. */
export const notifyInTime: StepSpec = { ...notifyNewOpener, name: 'notify-in-time', otherwise: 'grantors' };

/** Somebody can open an attachment that nobody could. The letter itself they have heard of: it is news of its own. */
export const notifyUnlocked: StepSpec = { ...notifyNewOpener, name: 'notify-unlocked', text: 'attachment-unlocked' };

/** Nobody can open any more what somebody could: the sender hears at once, and so does whom the resource names where nobody could let anybody in. */
export const tellNoOpener: StepSpec = {
  name: 'tell-no-opener',
  after: 'PT0S',
  when: [],
  who: 'sender',
  channel: 'preferred',
  text: 'sender-unread',
};

/** Nobody can open any more what somebody could, or could open an attachment of; or it came back from paper, and still nobody can. */
export const notifyGrantors: StepSpec = {
  name: 'notify-grantors',
  after: 'PT0S',
  when: ['returned', 'grant-needed', 'attachment-locked'],
  who: 'grantors',
  channel: 'preferred',
  text: 'sealed',
};
