import type { Openability } from '#access/index.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import type { NoticeChannel, OrderChannel } from '#notifications/index.ts';
import type { Outcome } from './states.ts';

/** One right that opening takes: of the message, or of an attachment with a resource of its own. */
export interface WatchNeed {
  readonly resource: ResourceId;
  readonly action: string;
  /** The message, or the attachment. */
  readonly instance: string;
  /** Of the resource, as it was when `openability` was computed. */
  readonly policyVersion: number;
}

/** A notification or reminder that the sender ordered: it takes the place of the policy's step of the same name. */
export interface SenderStep {
  readonly name: 'notify' | 'remind';
  /** Of `saveOrders`. */
  readonly orderId: string;
  readonly channel: OrderChannel;
}

/** A thing that a party is to open. The watch never asks what the thing is. */
export interface WatchBegin {
  readonly about: string;
  readonly party: PartyId;
  readonly sender: PartyId;
  /** Who sends it on a service of the sender's: it hears of it in the sender's place. */
  readonly sentBy?: PartyId | null;
  readonly resource: ResourceId;
  readonly confidential: boolean;
  readonly confirmNeeded: boolean;
  /** A file transfer, which is fetched and not read. */
  readonly isFile?: boolean;
  readonly dueAt: Date | null;
  /** Name of a ladder; the watch keeps the version that is newest now. */
  readonly ladder: string;
  readonly at: Date;
  readonly needs: readonly WatchNeed[];
  readonly openability: Openability;
  /** When it should be published at the latest; a quarter of an hour later somebody looks after it. */
  readonly expectedPublishAt: Date;
  /** Given when it is published by the very transaction that accepts it: spares a call of `publishWatches`. */
  readonly publishedAt?: Date;
  readonly senderSteps: readonly SenderStep[];
}

/** What the watches over one thing for many parties have in common. */
export interface AlikeWatches extends Omit<WatchBegin, 'about' | 'party' | 'needs' | 'openability'> {
  /** Of each party's own thing. */
  readonly need: Omit<WatchNeed, 'instance'>;
  /** Of what all of the things share: attachments in resources of their own. */
  readonly sharedNeeds: readonly WatchNeed[];
}

export interface WatchPublication {
  readonly about: string;
  readonly party: PartyId;
  readonly at: Date;
  readonly openability: Openability;
  /** When the watch began, where it is known: nobody asks yet why something so young is unread. */
  readonly begunAt?: Date;
  /** Of a file: from when on nobody can fetch it. */
  readonly overAt?: Date;
}

/** A watch that ends. Who and why are asked for where a person decided. */
export interface WatchSettlement {
  readonly about: string;
  readonly party: PartyId;
  readonly outcome: Outcome;
  readonly at: Date;
  readonly by?: PartyId | null;
  /** Of the person who decided for the sender. */
  readonly name?: string | null;
  readonly reason?: string | null;
}

/** A thing that will never reach its recipient, and why. */
export interface WatchFailure {
  readonly about: string;
  readonly party: PartyId;
  readonly at: Date;
  readonly reason: string;
}

export interface WatchKey {
  readonly about: string;
  readonly party: PartyId;
}

/** What tells a watch apart where things are looked up by it. */
export function watchKey({ about, party }: WatchKey): string {
  return `${about} ${party}`;
}

/** Whom a step turns to. `key-roles`: those who lead the recipient. `fallback`: whom the resource names. `sender-fallback`: the sender's second contact. */
export const turnsTo = ['openers', 'grantors', 'key-roles', 'fallback', 'sender', 'sender-fallback', 'print'] as const;
export type TurnsTo = (typeof turnsTo)[number];

/** A step as the ladder's version has it. */
export interface StepSpec {
  readonly name: string;
  /** ISO 8601 duration from publication. A day is 24 hours, unless they are working days. */
  readonly after: string;
  /** Working days in Norway, at the same time of day. */
  readonly workingDays?: boolean;
  /** Causes under which it is taken; empty: any. */
  readonly when: readonly string[];
  readonly who: TurnsTo;
  /** Whom to tell when nobody of `who` could do anything. */
  readonly otherwise?: 'grantors';
  /** `event`: no notice, an event alone. `inbox`: an event addressed to the recipient, and no notice. */
  readonly channel: NoticeChannel | 'event' | 'inbox';
  readonly text: string;
  /** A sender wrote it for one message. */
  readonly source?: 'sender';
  /** It is for these people alone: those whom a former step could not tell, where it told others. */
  readonly toward?: readonly PartyId[];
}
