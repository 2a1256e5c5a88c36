import type { EventRow } from '#events/index.ts';
import { budstikkeItself, type EvidenceRow, reasonUri } from '#evidence/index.ts';
import type { PartyId } from '#kernel/ids.ts';
import { type Addresses, leadTo, type NoticeChannel, type NoticeRow, type Purpose, type Shipment } from '#notifications/index.ts';
import { ageInDays } from '../age.ts';
import { millisOf } from '../ladders/duration.ts';
import { hearerOf, secondHearerOf } from '../sender/sender-readers.ts';
import type { WatchStep } from '../store/step.ts';
import type { StepSpec } from '../types.ts';
import { inboxEvent, type WatchEvent, watchEvents } from '../watch-events.ts';
import { addressees, grantorsToTell, leadersToTell, openersToTell, staleOf } from './addressees.ts';
import { filesFor } from './bundle-files.ts';
import {
  awaitDecision,
  checkPublicationAgain,
  type Decision,
  decideStep,
  notifyNewOpener,
  notifyUnlocked,
  type StepState,
  tellFailure,
  tellNoOpener,
  tellSenderAgain,
} from './decide-step.ts';
import { wordsFor } from './file-words.ts';
import { saysNothingNew } from './fold-steps.ts';
import { joined, type Notified, nobodyNotified, notifyAbsent, notifyCustom, notifyOwn, type OrderedStep } from './order-notices.ts';
import type { RelayAnswer } from './relay.ts';
import type { Scene, WatchScene } from './scene.ts';

/** What a taken step leaves behind. */
export interface TakenStep {
  readonly step: WatchStep;
  readonly state: 'done' | 'skipped';
  readonly reason: string | null;
  readonly notices: readonly NoticeRow[];
  /** What the sender ordered, as clients know it. */
  readonly shipments: readonly Shipment[];
  readonly evidence: readonly EvidenceRow[];
  readonly events: readonly EventRow[];
  /** The sender gets word by mail, with all else it is to hear today; or, where nobody can be told, as soon as somebody can. */
  readonly tellSender: Purpose | null;
  /** The sender's second contact gets the same. */
  readonly tellSecond: Purpose | null;
  /** Nobody at the recipient could be told. */
  readonly climb: boolean;
}

/** What comes after the step, as evidence and events name it. */
export interface NextStep {
  readonly name: string;
  readonly at: Date;
}

/** Pure. Takes one due step of a watch, or says why it is passed over. */
export function takeStep(
  scene: Scene,
  watch: WatchScene,
  step: WatchStep,
  next: NextStep,
  { addresses, relayed }: { readonly addresses: Addresses; readonly relayed: ReadonlyMap<string, RelayAnswer> },
): TakenStep {
  const { openability } = watch;
  const decision = decideStep(step.spec, standing(watch));
  const taking = { scene, watch, step, next };
  if (decision.kind === 'skip') return passedOver(taking, decision.reason, addresses);
  if (saysNothingNew(step, watch, decision)) return leave(taking, 'skipped', 'told-already');
  if (decision.kind === 'relay') return relayedOn(taking, relayed.get(step.id));
  if (step.spec.name === tellNoOpener.name) return toldNobodyCan(taking, addresses);
  if (decision.who === 'sender') return told(taking, decision.purpose);
  if (decision.who === 'sender-fallback') return toldSecond(taking, decision.purpose);
  if (step.spec.channel === 'inbox') return shownInInbox(taking, decision);
  const notified = notify(taking, decision, addresses);
  if (notified.notices.length > 0) return toldThem(taking, decision, notified);
  if (isLate(step) && orderOf(taking)?.override) return leave(taking, 'skipped', 'told-already');
  const systemsOnly = decision.who === 'openers' && openability.openers.every((opener) => opener.kind === 'system');
  if (systemsOnly) return leave(taking, 'skipped', 'systems-only', notified);
  return nobodyToTell(taking, decision.purpose, notified);
}

/** Pure. What a watch's steps are decided on. */
export function standing(watch: WatchScene): StepState {
  const { item, openability, cause } = watch;
  return {
    published: item.publishedAt !== null,
    beingTold: watch.beingTold,
    opened: item.openedAt !== null,
    confirmNeeded: item.confirmNeeded && item.confirmedAt === null,
    isFile: item.isFile,
    isOver: item.isOver,
    attachmentLocked: item.attachmentLocked,
    receiverAlive: watch.receiverAlive,
    openers: openability.openers.length,
    grantors: openability.grantors.length,
    hasFallback: watch.fallback !== null,
    cause,
  };
}

interface Taking {
  readonly scene: Scene;
  readonly watch: WatchScene;
  readonly step: WatchStep;
  readonly next: NextStep;
}

function leave({ step }: Taking, state: TakenStep['state'], reason: string | null, more: Partial<TakenStep> = {}): TakenStep {
  return {
    step,
    state,
    reason,
    notices: [],
    shipments: [],
    evidence: [],
    events: [],
    tellSender: null,
    tellSecond: null,
    climb: false,
    ...more,
  };
}

/**
 * Only that nobody can open, or that the recipient is gone, is news to the sender, which hears of it by mail the first time; the rest is
 * the ladder's ordinary way. Whom the sender named hears of the post all the same: they are who can see to it that somebody can. Where
 * the resource counts on somebody in their stead who has no address, nobody is left but the sender, and it is asked at once.
 */
function passedOver(taking: Taking, reason: string, addresses: Addresses): TakenStep {
  if (reason === 'no-fallback') return leave(taking, 'skipped', reason, { evidence: [ladderStep(taking, reason, [])], climb: true });
  if (!isNobody(reason)) return leave(taking, 'skipped', reason);
  const absent = notifyAbsent(orderedStep(taking, null, addresses), taking.scene.directory);
  const { besides, isMissed, failures } = besidesSender(taking, addresses, absent);
  return leave(taking, 'skipped', reason, {
    ...besides,
    events: isToldAlready(taking) ? [] : eventsOf(taking, 'no-opener', 0),
    evidence: [ladderStep(taking, reason, peopleOf(besides)), ...failures],
    tellSender: isMissed ? 'sender-decision' : isFirstWord(taking) ? 'sender-unread' : null,
  });
}

/** Where a change of access has closed it, that has laid out its event. */
function toldNobodyCan(taking: Taking, addresses: Addresses): TakenStep {
  const { besides, isMissed, failures } = besidesSender(taking, addresses, nobodyNotified);
  return leave(taking, 'done', null, {
    ...besides,
    events: isToldAlready(taking) ? [] : eventsOf(taking, 'no-opener', 0),
    evidence: [ladderStep(taking, null, peopleOf(besides)), ...failures],
    tellSender: isMissed ? 'sender-decision' : 'sender-unread',
  });
}

function besidesSender(taking: Taking, addresses: Addresses, absent: Notified) {
  const fallback = notifyFallback(taking, addresses);
  const isMissed = fallback !== undefined && fallback.notices.length === 0;
  return {
    besides: joined([absent, fallback ?? nobodyNotified]),
    isMissed,
    failures: isMissed ? [notificationFailure(taking, 'fallback')] : [],
  };
}

const isNobody = (reason: string | null): boolean => reason === 'no-opener' || reason === 'receiver-gone';

/** Until then no step has told the sender that nobody can open. */
function isFirstWord({ watch: { steps } }: Taking): boolean {
  const hasTold = ({ state, reason, name, spec }: WatchStep): boolean =>
    state !== 'due' && (isNobody(reason) || name === tellNoOpener.name || (state === 'done' && spec.who === 'grantors'));
  return !steps.some(hasTold);
}

/** A step that was due before the last opener went and is taken after it: the change itself has told the sender. */
function isToldAlready({ watch: { item }, step }: Taking): boolean {
  return item.noOpenerToldAt !== null && item.noOpenerToldAt >= step.dueAt;
}

/** Whom the resource names for post that nobody can open, while nobody could let anybody in either; undefined where it need not be told. */
function notifyFallback(taking: Taking, addresses: Addresses): Notified | undefined {
  const { scene, watch } = taking;
  if (watch.fallback === null || watch.openability.grantors.length > 0) return undefined;
  return notifyOwn(orderedStep(taking, 'fallback', addresses), addressees(scene.directory, [watch.fallback]), false);
}

const toldBy: Partial<Record<Purpose, WatchEvent>> = { 'sender-decision': 'decision-needed', 'sender-failed': 'failed' };
/** Whoever hears of the bytes has its events already (`unreadBytesEvent`). */
const toldEvents = (taking: Taking, purpose: Purpose): EventRow[] =>
  purpose === 'sender-expiring' ? [] : eventsOf(taking, toldBy[purpose] ?? 'unread', 0);

/** The event is laid out in any case; where nobody can be told for the sender there is no mail, and the step says so. */
function told(taking: Taking, purpose: Purpose): TakenStep {
  const { scene, watch, step } = taking;
  const byMail = step.spec.channel !== 'event';
  const missed = byMail && hearerOf(watch.item, scene.senderReaders) === undefined ? 'no-contact-point' : null;
  return leave(taking, missed ? 'skipped' : 'done', missed, {
    events: toldEvents(taking, purpose),
    evidence: [ladderStep(taking, missed, [])],
    tellSender: byMail ? purpose : null,
  });
}

/** As `told`, to whom the sender has named besides itself. The event is the sender's, which hears that its second contact did. */
function toldSecond(taking: Taking, purpose: Purpose): TakenStep {
  const { scene, watch, step } = taking;
  const byMail = step.spec.channel !== 'event';
  const missed = byMail && secondHearerOf(watch.item, scene) === undefined ? 'no-second-contact' : null;
  return leave(taking, missed ? 'skipped' : 'done', missed, {
    events: toldEvents(taking, purpose),
    evidence: [ladderStep(taking, missed, [])],
    tellSecond: byMail && !missed ? purpose : null,
    climb: missed !== null,
  });
}

/** Given to whoever prints and posts. What could not be is the sender's to decide, at once. */
function relayedOn(taking: Taking, answer: RelayAnswer | undefined): TakenStep {
  const refused = answer === undefined ? 'no-relay' : answer.kind === 'refused' ? answer.reason : null;
  if (refused === null)
    return leave(taking, 'done', null, { events: eventsOf(taking, 'relayed', 0), evidence: [ladderStep(taking, null, [])] });
  return leave(taking, 'skipped', refused, {
    events: eventsOf(taking, 'decision-needed', 0),
    evidence: [ladderStep(taking, refused, [])],
    tellSender: 'sender-decision',
  });
}

/** No notice: an event addressed to the recipient, for its inbox and its systems, and one to the sender as for every step. */
function shownInInbox(taking: Taking, decision: Acting): TakenStep {
  const { scene, watch } = taking;
  const { item } = watch;
  return leave(taking, 'done', null, {
    events: [
      ...eventsOf(taking, 'step-taken', 0, decision),
      inboxEvent(item, scene.directory.parties.get(item.party), scene.at, { purpose: decision.purpose }),
    ],
    evidence: [ladderStep(taking, null, [], decision)],
  });
}

type Acting = Extract<Decision, { kind: 'act' }>;

function toldThem(taking: Taking, decision: Acting, notified: Notified): TakenStep {
  const people = peopleOf(notified);
  return leave(taking, 'done', null, {
    ...notified,
    events: eventsOf(taking, 'step-taken', people.length, decision),
    evidence: [ladderStep(taking, null, people, decision)],
    tellSender: decision.purpose === 'sealed' && isFirstWord(taking) ? 'sender-unread' : null,
  });
}

/** Whom the notices go to; an address that a sender named is somebody too. */
function peopleOf({ notices }: Notified): string[] {
  return [...new Set(notices.map((notice) => notice.to ?? notice.address))];
}

/**
 * Nobody has an address; or, when a notice has failed and the other channel was to be tried, nobody has another: the failure
 * itself is recorded already. Source: compatibility.md, evidence, §1.5 row 9.
 */
function nobodyToTell(taking: Taking, purpose: Purpose, { shipments }: Notified): TakenStep {
  if (taking.step.spec.toward) return leave(taking, 'skipped', 'told-others');
  if (taking.step.name === 'notify-otherwise') return leave(taking, 'skipped', 'no-other-channel', { climb: true });
  return leave(taking, 'skipped', 'no-contact-point', { shipments, evidence: [notificationFailure(taking, purpose)], climb: true });
}

/** How many addresses were left out because nobody had confirmed them for 18 months: the sender is to know. */
function staleness(scene: Scene, party: PartyId, { openers, grantors }: WatchScene['openability']): { staleAddresses?: number } {
  const n = staleOf(scene.directory, [party, ...[...openers, ...grantors].map((one) => one.party)]);
  return n > 0 ? { staleAddresses: n } : {};
}

function notificationFailure({ scene, watch: { item, openability }, step }: Taking, purpose: Purpose): EvidenceRow {
  return {
    event: 'ConsignmentNotificationFailure',
    about: item.about,
    recipient: item.party,
    at: scene.at,
    proves: 'failed',
    core: { step: step.name, purpose, reason: reasonUri('no-contact-point'), ...staleness(scene, item.party, openability) },
    who: budstikkeItself,
  };
}

/**
 * Those at the recipient, in the sender's words where they are openers: it worded its order for those who read, not for those who
 * grant. And those whom the sender named, who take the place of the openers where it says so.
 */
function notify(taking: Taking, decision: Acting, addresses: Addresses): Notified {
  const { scene, watch } = taking;
  const { directory } = scene;
  const step = orderedStep(taking, decision.purpose, addresses);
  const toOpeners = decision.who === 'openers';
  const { toward } = taking.step.spec;
  const isMeant = (party: PartyId | null) => !toward || (party !== null && toward.includes(party));
  const people = peopleToTell(scene, watch, decision.who).filter(({ id }) => isMeant(id));
  const own = toOpeners && step.order?.override ? nobodyNotified : notifyOwn(step, people, toOpeners);
  const custom = notifyCustom(step, directory, own.notices, isMeant);
  const secondTryOfNobody = step.otherwise && own.notices.length === 0;
  return joined([secondTryOfNobody ? nobodyNotified : own, custom]);
}

function peopleToTell({ directory }: Scene, { item, openability, keyRoles, fallback }: WatchScene, who: Acting['who']) {
  if (who === 'openers') return openersToTell(directory, item, openability);
  if (who === 'key-roles') return leadersToTell(directory, item, keyRoles);
  return who === 'fallback' ? addressees(directory, fallback === null ? [] : [fallback]) : grantorsToTell(directory, item, openability);
}

/** `purpose` null: as the step itself has it. */
function orderedStep({ scene, watch: { item, openability }, step }: Taking, purpose: Purpose | null, addresses: Addresses): OrderedStep {
  const { parties } = scene.directory;
  const recipient = parties.get(item.party);
  const words = wordsFor(purpose ?? (step.spec.text as Purpose), item);
  const isSealed = openability.openers.length === 0 && openability.grantors.length > 0;
  return {
    occasion: {
      about: { id: item.about, party: item.party, partyNumber: recipient?.number ?? null },
      step: step.id,
      purpose: words,
      values: {
        senderName: parties.get(item.sender)?.name ?? '',
        recipientName: recipient?.name ?? '',
        confidential: item.confidential,
        dueAt: item.dueAt,
        ...leadTo(addresses, { purpose: words, recipient, sender: parties.get(item.sender), isSealed }),
        ...(item.isFile ? { count: filesFor(words, item, scene.waitingFiles) } : {}),
      },
      at: scene.at,
    },
    about: item.about,
    party: item.party,
    order: orderOf({ scene, step }),
    channel: step.spec.channel as NoticeChannel,
    isReminder: step.spec.text !== 'new-mail',
    otherwise: step.name === 'notify-otherwise',
    isLate: isLate(step),
  };
}

/** Toward readers that have come since: whom the sender named, in their place or besides, has heard of it. */
const isLate = ({ name }: WatchStep): boolean => name === notifyNewOpener.name || name === notifyUnlocked.name;
const orderOf = ({ scene, step }: Pick<Taking, 'scene' | 'step'>) => (step.orderId ? scene.orders.get(step.orderId) : undefined);

function eventsOf({ scene, watch, step, next }: Taking, event: WatchEvent, told: number, decision?: Acting): EventRow[] {
  const { item, openability, cause } = watch;
  return watchEvents(event, item, scene.directory.parties, scene.at, {
    ...{ class: openability.class, openers: openability.openers.length, grantors: openability.grantors.length },
    ...{ step: step.name, cause, ageDays: ageInDays(item.publishedAt ?? item.begunAt, scene.at) },
    ...(item.failure === null ? {} : { failure: item.failure }),
    ...(decision ? { toldKind: decision.who, told } : {}),
    nextAction: next.name,
    nextActionAt: next.at.toISOString(),
  });
}

/** Source: compatibility.md, evidence, §1.5 row 28. */
function ladderStep(
  { scene, watch, step, next }: Taking,
  reason: string | null,
  people: readonly string[],
  decision?: Acting,
): EvidenceRow {
  const { item, cause } = watch;
  return {
    event: 'LadderStep',
    about: item.about,
    recipient: item.party,
    at: scene.at,
    proves: 'recorded',
    core: {
      step: step.name,
      source: step.source,
      ladder: item.ladder,
      ladderVersion: item.ladderVersion,
      cause,
      class: watch.openability.class,
      ...(decision ? { toldKind: decision.who, told: people.length } : {}),
      ...(reason ? { passedOver: reason } : {}),
      ...staleness(scene, item.party, watch.openability),
      nextStep: next.name,
      nextAt: next.at,
    },
    who: people.length > 0 ? { ...budstikkeItself, told: people } : budstikkeItself,
  };
}

/**
 * Pure. What a watch does when nothing of its ladder is left: look after its publication or the word of its failure again the
 * next day, or in a week ask the sender again, or tell it again where there is nothing to decide but to let it be.
 */
export function stepAfterTheLast({ item }: WatchScene, at: Date): { readonly spec: StepSpec; readonly dueAt: Date } {
  const after = (duration: string) => new Date(at.getTime() + millisOf(duration)!);
  if (item.failedAt) return { spec: tellFailure, dueAt: after('P1D') };
  if (!item.publishedAt) return { spec: checkPublicationAgain, dueAt: after('P1D') };
  const spec = item.openedAt && !item.isFile ? tellSenderAgain : awaitDecision;
  return { spec, dueAt: after(spec.after) };
}
