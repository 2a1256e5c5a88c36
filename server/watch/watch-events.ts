import type { EventRow } from '#events/index.ts';
import { type Party, partyUrn } from '#register/index.ts';
import type { OpenabilityClass } from './openability.ts';
import type { WatchItem } from './store/item.ts';

/**
 * What a watch tells the sender by event.
 * `step-taken`: somebody at the recipient was told. `unread`: the sender is told that it is unread, or hangs unpublished.
 * `decision-needed`: the ladder is at its end. `decided`: the sender has decided. `no-opener`: nobody can open.
 * `opener-found`: somebody can again. `failed`: it will never reach its recipient. `relayed`: given to whoever prints and posts.
 */
export type WatchEvent = 'relayed' | 'step-taken' | 'unread' | 'decision-needed' | 'decided' | 'no-opener' | 'opener-found' | 'failed';

export interface WatchEventData {
  readonly class: OpenabilityClass;
  readonly openers: number;
  readonly grantors: number;
  readonly [member: string]: unknown;
}

/** An event about a watch, addressed to the sender; no person's name or number is in it. */
export function watchEvent(event: WatchEvent, item: WatchItem, sender: Party | undefined, at: Date, data: WatchEventData): EventRow {
  return {
    type: `no.budstikke.watch.${event}`,
    source: '/budstikke/v1/watch',
    subject: sender ? partyUrn(sender) : `urn:altinn:party:uuid:${item.sender}`,
    alternativeSubject: sender?.kind === 'organization' ? `/organisation/${sender.number}` : null,
    resource: item.resource,
    resourceInstance: item.about,
    at,
    data,
  };
}

/** A step that shows in the recipient's inbox and sends no notice: an event addressed to the recipient, with nothing of what the post is about. */
export function inboxEvent(item: WatchItem, recipient: Party | undefined, at: Date, data: { readonly purpose: string }): EventRow {
  return {
    type: 'no.budstikke.watch.inbox-notice',
    source: '/budstikke/v1/watch',
    subject: recipient ? partyUrn(recipient) : `urn:altinn:party:uuid:${item.party}`,
    alternativeSubject: recipient?.kind === 'organization' ? `/organisation/${recipient.number}` : null,
    resource: item.resource,
    resourceInstance: item.about,
    at,
    data,
  };
}
