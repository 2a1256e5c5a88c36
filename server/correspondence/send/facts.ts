import type { Decision, Openability, Resource } from '#access/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { PartyId } from '#kernel/ids.ts';
import type { Refusal } from '#kernel/refusal.ts';
import type { ReceivedFile } from '#kernel/route.ts';
import type { Party } from '#register/index.ts';
import type { ExistingAttachment } from '../store/attachment.ts';
import type { SendRequest } from './request.ts';

/** Everything that decides whether a request is taken in, gathered before the decision. */
export interface Facts {
  readonly request: SendRequest;
  /** Files of the form, those named `attachments`. */
  readonly files: readonly ReceivedFile[];
  readonly caller: Caller;
  readonly now: Date;
  readonly minimumAttachmentDays: number;
  readonly resource: Resource | undefined;
  readonly owner: Party | undefined;
  /** By the owner that `keyOwnerOf` names. */
  readonly keyIsUsed: boolean;
  /** Whether the caller may send in this resource. */
  readonly right: Decision;
  /** Parties of the register by their numbers; recipients that it does not know are missing. */
  readonly parties: ReadonlyMap<string, Party>;
  /** The attachments that the request refers to; those that do not exist are missing. */
  readonly existing: readonly ExistingAttachment[];
}

/** What is asked once all recipients are known to exist: who could open. Reserved persons are not among them. */
export interface Reach {
  readonly openability: ReadonlyMap<PartyId, Openability>;
  /** Recipients in a resource that keeps to the original's rule, and at whom nobody holds a key role. */
  readonly withoutKeyRole: ReadonlySet<PartyId>;
}

/**
 * Pure. Whose keys an idempotency key is looked for among: those of the resource's owner, and of the caller's own organization
 * where nobody knows the resource, so that a repeat is told as one before a misspelt resource is.
 * Source: compatibility.md, correspondence, §2.1 (B2, B3), §2.7.
 */
export function keyOwnerOf(caller: Pick<Caller, 'consumer' | 'party'>, resource: Pick<Resource, 'ownerId'> | undefined): PartyId | null {
  return resource?.ownerId ?? caller.consumer ?? caller.party;
}

/** One rule: the refusal it gives, or nothing. Pure. */
export type Rule<F> = (facts: F) => Refusal | undefined;

/** The parties that a request writes to, in its order. Only those that the register knows. */
export function recipientsOf(facts: Pick<Facts, 'request' | 'parties'>): Party[] {
  return facts.request.recipients.flatMap((r) => {
    const party = r.number === null ? undefined : facts.parties.get(r.number);
    return party ? [party] : [];
  });
}

/** Has said no to digital post, and the sender does not override it. */
export function isHeldBack(party: Party, request: Pick<SendRequest, 'ignoreReservation'>): boolean {
  return party.kind === 'person' && party.reserved && !request.ignoreReservation;
}
