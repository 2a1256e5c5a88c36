import type { EventRow } from '#events/index.ts';
import type { PartyId } from '#kernel/ids.ts';
import { type Party, partyUrn } from '#register/index.ts';
import type { OpenabilityClass } from './openers/openability.ts';
import { hearersOf } from './sender/sender-readers.ts';
import type { WatchItem } from './store/item.ts';

/**
 * What a watch tells the sender by event.
 * `step-taken`: somebody at the recipient was told. `unread`: the sender is told that it is unread, or hangs unpublished.
 * `decision-needed`: the ladder is at its end. `decided`: the sender has decided. `no-opener`: nobody can open.
 * `deleted-unread`: its recipient has deleted it, and nobody had opened it.
 * `opener-found`: somebody can again. `failed`: it will never reach its recipient. `relayed`: given to whoever prints and posts.
 */
export type WatchEvent =
  | 'relayed'
  | 'step-taken'
  | 'unread'
  | 'decision-needed'
  | 'decided'
  | 'no-opener'
  | 'opener-found'
  | 'failed'
  | 'deleted-unread';

export interface WatchEventData {
  readonly class: OpenabilityClass;
  readonly openers: number;
  readonly grantors: number;
  readonly [member: string]: unknown;
}

/**
 * The events about a watch: one addressed to who sent it, and, where that is not the owner of the service, one to the owner, which answers
 * for it. No person's name or number is in them.
 */
export function watchEvents(
  event: WatchEvent,
  item: WatchItem,
  parties: ReadonlyMap<PartyId, Party>,
  at: Date,
  data: WatchEventData,
): EventRow[] {
  return hearersOf(item).map((id) => {
    const party = parties.get(id);
    return {
      type: `no.budstikke.watch.${event}`,
      source: '/budstikke/v1/watch',
      subject: party ? partyUrn(party) : `urn:altinn:party:uuid:${id}`,
      alternativeSubject: party?.kind === 'organization' ? `/organisation/${party.number}` : null,
      resource: item.resource,
      resourceInstance: item.about,
      at,
      data,
    };
  });
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
