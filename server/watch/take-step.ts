import type { EventRow } from '#events/index.ts';
import { budstikkeItself, type EvidenceRow, reasonUri } from '#evidence/index.ts';
import { composeNotices, type NoticeChannel, type NoticeRow, type Purpose } from '#notifications/index.ts';
import { addressees, grantorsToTell, openersToTell } from './addressees.ts';
import { awaitDecision, checkPublication, type Decision, decideStep, tellFailure, tellSenderAgain } from './decide-step.ts';
import type { Scene, WatchScene } from './scene.ts';
import type { WatchStep } from './store/step.ts';
import type { StepSpec } from './types.ts';
import { type WatchEvent, watchEvent } from './watch-events.ts';

export interface Addresses {
  /** Where recipients log in. */
  readonly inbox: string;
  /** Where senders see what is unread. */
  readonly console: string;
}

/** What a taken step leaves behind. */
export interface TakenStep {
  readonly step: WatchStep;
  readonly state: 'done' | 'skipped';
  readonly reason: string | null;
  readonly notices: readonly NoticeRow[];
  readonly evidence: readonly EvidenceRow[];
  readonly events: readonly EventRow[];
  /** The sender gets word by mail, with all else it is to hear today. */
  readonly tellSender: Purpose | null;
  /** Nobody at the recipient could be told. */
  readonly climb: boolean;
}

/** What comes after the step, as evidence and events name it. */
export interface NextStep {
  readonly name: string;
  readonly at: Date;
}

/** Pure. Takes one due step of a watch, or says why it is passed over. */
export function takeStep(scene: Scene, watch: WatchScene, step: WatchStep, next: NextStep, addresses: Addresses): TakenStep {
  const { item, openability, cause } = watch;
  const decision = decideStep(step.spec, {
    published: item.publishedAt !== null,
    beingTold: watch.beingTold,
    opened: item.openedAt !== null,
    confirmNeeded: item.confirmNeeded,
    attachmentLocked: item.attachmentLocked,
    receiverAlive: watch.receiverAlive,
    openers: openability.openers.length,
    grantors: openability.grantors.length,
    cause,
  });
  const taking = { scene, watch, step, next };
  if (decision.kind === 'skip') return passedOver(taking, decision.reason);
  if (decision.who === 'sender') return told(taking, decision.purpose);
  const notices = noticesOf(taking, decision, addresses);
  if (notices.length > 0) return notified(taking, decision, notices);
  const systemsOnly = decision.who === 'openers' && openability.openers.every((opener) => opener.kind === 'system');
  return systemsOnly ? leave(taking, 'skipped', 'systems-only') : nobodyToTell(taking, decision.purpose);
}

interface Taking {
  readonly scene: Scene;
  readonly watch: WatchScene;
  readonly step: WatchStep;
  readonly next: NextStep;
}

function leave({ step }: Taking, state: TakenStep['state'], reason: string | null, more: Partial<TakenStep> = {}): TakenStep {
  return { step, state, reason, notices: [], evidence: [], events: [], tellSender: null, climb: false, ...more };
}

/** Only that nobody can open is news to the sender; the rest is the ladder's ordinary way. */
function passedOver(taking: Taking, reason: string): TakenStep {
  if (reason !== 'no-opener') return leave(taking, 'skipped', reason);
  return leave(taking, 'skipped', reason, { events: [eventOf(taking, 'no-opener', 0)], evidence: [ladderStep(taking, reason, [])] });
}

const toldBy: Partial<Record<Purpose, WatchEvent>> = { 'sender-decision': 'decision-needed', 'sender-failed': 'failed' };

/** The event is laid out in any case; a sender that has no address gets no mail, and the step says so. */
function told(taking: Taking, purpose: Purpose): TakenStep {
  const { scene, watch, step } = taking;
  const byMail = step.spec.channel !== 'event';
  const isReached = addressees(scene.directory, [watch.item.sender]).some(({ contactPoints }) => contactPoints.length > 0);
  const missed = byMail && !isReached ? 'no-contact-point' : null;
  return leave(taking, missed ? 'skipped' : 'done', missed, {
    events: [eventOf(taking, toldBy[purpose] ?? 'unread', 0)],
    evidence: [ladderStep(taking, missed, [])],
    tellSender: byMail ? purpose : null,
  });
}

type Acting = Extract<Decision, { kind: 'act' }>;

function notified(taking: Taking, decision: Acting, notices: readonly NoticeRow[]): TakenStep {
  const people = [...new Set(notices.map((notice) => notice.to))];
  return leave(taking, 'done', null, {
    notices,
    events: [eventOf(taking, 'step-taken', people.length, decision)],
    evidence: [ladderStep(taking, null, people, decision)],
  });
}

/**
 * Nobody has an address; or, when a notice has failed and the other channel was to be tried, nobody has another: the failure
 * itself is recorded already. Source: compatibility.md, evidence, §1.5 row 9.
 */
function nobodyToTell(taking: Taking, purpose: Purpose): TakenStep {
  if (taking.step.name === 'notify-otherwise') return leave(taking, 'skipped', 'no-other-channel', { climb: true });
  const { item } = taking.watch;
  const failure: EvidenceRow = {
    event: 'ConsignmentNotificationFailure',
    about: item.about,
    recipient: item.party,
    at: taking.scene.at,
    proves: 'failed',
    core: { step: taking.step.name, purpose, reason: reasonUri('no-contact-point') },
    who: budstikkeItself,
  };
  return leave(taking, 'skipped', 'no-contact-point', { evidence: [failure], climb: true });
}

/**
 * By the channel that the step names. Where nobody can be reached by it, by any that somebody has: a sender's choice of
 * channel is no reason for nobody to hear. A second try is by the other channel alone.
 */
function noticesOf(taking: Taking, decision: Acting, addresses: Addresses): NoticeRow[] {
  const { spec, name } = taking.step;
  const chosen = noticesBy(spec.channel as NoticeChannel, taking, decision, addresses);
  return chosen.length > 0 || name === 'notify-otherwise' ? chosen : noticesBy('preferred', taking, decision, addresses);
}

function noticesBy(
  channel: NoticeChannel,
  { scene, watch: { item, openability }, step }: Taking,
  decision: Acting,
  addresses: Addresses,
): NoticeRow[] {
  const { parties } = scene.directory;
  const recipient = parties.get(item.party);
  const towardOpeners = decision.who === 'openers';
  return composeNotices(
    {
      about: { id: item.about, party: item.party, partyNumber: recipient?.number ?? null },
      step: step.id,
      purpose: decision.purpose,
      channel,
      // The sender worded it for those who read, not for those who grant.
      order: towardOpeners && step.orderId ? scene.orders.get(step.orderId) : undefined,
      values: {
        senderName: parties.get(item.sender)?.name ?? '',
        recipientName: recipient?.name ?? '',
        confidential: item.confidential,
        dueAt: item.dueAt,
        inboxAddress: addresses.inbox,
        consoleAddress: addresses.console,
      },
      at: scene.at,
    },
    towardOpeners ? openersToTell(scene.directory, item.party, openability) : grantorsToTell(scene.directory, item.party, openability),
  );
}

function eventOf({ scene, watch, step, next }: Taking, event: WatchEvent, told: number, decision?: Acting): EventRow {
  const { item, openability, cause } = watch;
  return watchEvent(event, item, scene.directory.parties.get(item.sender), scene.at, {
    class: openability.class,
    openers: openability.openers.length,
    grantors: openability.grantors.length,
    step: step.name,
    cause,
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
      nextStep: next.name,
      nextAt: next.at,
    },
    who: people.length > 0 ? { ...budstikkeItself, told: people } : budstikkeItself,
  };
}

/**
 * Pure. What a watch does when nothing of its ladder is left: look after its publication or the word of its failure again the
 * next day, or in a week ask the sender again, or tell it again where there is nothing to decide.
 */
export function stepAfterTheLast({ item }: WatchScene, at: Date): { readonly spec: StepSpec; readonly dueAt: Date } {
  const inDays = (days: number) => new Date(at.getTime() + days * 24 * 3_600_000);
  if (item.failedAt) return { spec: tellFailure, dueAt: inDays(1) };
  if (!item.publishedAt) return { spec: checkPublication, dueAt: inDays(1) };
  return { spec: item.openedAt ? tellSenderAgain : awaitDecision, dueAt: inDays(7) };
}
