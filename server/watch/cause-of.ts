import type { OpenabilityClass } from './openability.ts';

/** Why something is unread: exactly one, the first that holds, in this order. */
export const causes = [
  'not-published',
  'receiver-gone',
  'no-opener',
  'grant-needed',
  'attachment-locked',
  'opened-not-confirmed',
  'file-not-fetched',
  'no-contact-point',
  'notification-failed',
  'not-notified',
  'waiting',
  'unknown',
  'notified-not-opened',
] as const;
export type Cause = (typeof causes)[number];

export interface CauseFacts {
  readonly published: boolean;
  readonly receiverAlive: boolean;
  readonly class: OpenabilityClass;
  readonly attachmentLocked: boolean;
  readonly opened: boolean;
  readonly confirmNeeded: boolean;
  /** A file transfer, which is fetched and not read. */
  readonly isFile: boolean;
  /** The last attempt to tell those who can open found no address. */
  readonly noContactPoint: boolean;
  /** Notices to those who can open. */
  readonly sent: number;
  readonly failed: number;
  /** Due notices, and steps to come that will make some. */
  readonly due: number;
}

const holds: Readonly<Record<Cause, (facts: CauseFacts) => boolean>> = {
  'not-published': (f) => !f.published,
  'receiver-gone': (f) => !f.receiverAlive,
  'no-opener': (f) => f.class === 'UNREACHABLE',
  'grant-needed': (f) => f.class === 'GRANTABLE',
  'attachment-locked': (f) => f.attachmentLocked,
  'opened-not-confirmed': (f) => f.opened && f.confirmNeeded,
  'file-not-fetched': (f) => f.isFile,
  'no-contact-point': (f) => f.noContactPoint && f.sent === 0,
  'notification-failed': (f) => f.failed > 0 && f.sent === 0,
  'not-notified': (f) => f.sent === 0 && f.due === 0,
  waiting: (f) => f.sent === 0,
  unknown: (f) => f.class === 'UNKNOWN',
  'notified-not-opened': () => true,
};

/** Pure. The cause of an open watch. */
export function causeOf(facts: CauseFacts): Cause {
  return causes.find((cause) => holds[cause](facts))!;
}
