import type { Decision, Openability, Resource } from '#access/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { AttachmentId, CorrespondenceId, PartyId } from '#kernel/ids.ts';
import type { Refusal } from '#kernel/refusal.ts';
import type { ReceivedFile } from '#kernel/route.ts';
import type { Party } from '#register/index.ts';
import { messageOfDialog } from '../read/dialog-id.ts';
import type { ExistingAttachment } from '../store/attachment.ts';
import type { DialogMessage } from '../store/transmission.ts';
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
  /** Those among them that another announced, who sends in the resource beside the caller. */
  readonly othersAttachments: readonly AttachmentId[];
  /** The message in whose dialog the request asks to stand, where there is one. */
  readonly dialog: DialogMessage | undefined;
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
export function keyOwnerOf(caller: Pick<Caller, 'party'>, resource: Pick<Resource, 'ownerId'> | undefined): PartyId | null {
  return resource?.ownerId ?? caller.party;
}

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Pure. Whether a request asks to stand in a dialog that is there already. */
export function isTransmission({ references }: Pick<SendRequest, 'references'>): boolean {
  return references.some(({ referenceType }) => referenceType === 'DialogportenDialogId');
}

/** Pure. The message that the dialog a request names stands for; undefined where it names none by a proper id. */
export function dialogAsked({ references }: Pick<SendRequest, 'references'>): CorrespondenceId | undefined {
  const named = references.find(({ referenceType }) => referenceType === 'DialogportenDialogId')?.referenceValue;
  return named !== undefined && guid.test(named) && /[1-9a-f]/i.test(named) ? messageOfDialog(named) : undefined;
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
