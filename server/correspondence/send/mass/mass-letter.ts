import { type Decision, findResources, type Resource } from '#access/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { AttachmentId, ResourceId } from '#kernel/ids.ts';
import { type ErrorRow, refuse } from '#kernel/refusal.ts';
import { correspondenceErrors as e } from '../../errors.ts';
import type { ExistingAttachment } from '../../store/attachment.ts';
import type { OwnWords } from '../../store/message.ts';
import { textsOf } from '../content-hash.ts';
import type { Facts, Reach } from '../facts.ts';
import { gatherFacts } from '../gather-facts.ts';
import { newSubmissionIds } from '../plan-submission.ts';
import { type SendRequest, toRequest } from '../request.ts';
import { check, checksOfReach, checksOfRequest } from '../rules/checks.ts';
import { textsUnfit, translationsUnfit, transmissionTypeUnfit } from '../rules/rules-of-content.ts';
import { isPersonal } from '../rules/text-rules.ts';
import type { LetterToMany } from './mass-wire.ts';
import { fieldsOf, filledLetter } from './own-words.ts';

/** A letter to many, as its sender asks for it. Whom it is for comes later, line by line. */
export interface MassRequest {
  readonly letter: LetterToMany;
  readonly existingAttachments: readonly AttachmentId[];
  readonly caller: Caller;
  readonly now: Date;
  readonly minimumAttachmentDays: number;
  /** The right to send, where it is known already. */
  readonly right?: Decision;
}

/** A letter to many that may be sent, with all that the database knows of it. */
export interface MassLetter {
  readonly facts: Facts & Reach;
  readonly request: SendRequest;
  readonly resource: Resource;
  readonly existing: readonly ExistingAttachment[];
  /** Versions of the policies that reading takes, read before anybody's rights. */
  readonly policies: ReadonlyMap<ResourceId, number>;
  /** Fields that each recipient must bring. */
  readonly fields: ReadonlySet<string>;
  readonly isPersonal: boolean;
}

/**
 * Checks a letter to many by every rule that does not speak of recipients, in the order in which initialize is refused; attachments
 * must exist already and are held until the transaction ends. Others than the recipients cannot be notified of it.
 *
 * Refuses as initialize does.
 */
export async function gatherMassLetter(tx: Tx, { letter, existingAttachments, ...asking }: MassRequest): Promise<MassLetter> {
  const request = toRequest({ correspondence: letter, recipients: [], existingAttachments: [...existingAttachments] });
  const [facts] = await gatherFacts(tx, [{ ...asking, request, files: [], ids: newSubmissionIds(request) }]);
  check(checksOfRequest, facts!);
  const unaddressed: Facts & Reach = { ...facts!, openability: new Map(), withoutKeyRole: new Set() };
  check(checksOfReach, unaddressed);
  if (request.notification?.customRecipients.length) throw refuse(e.customRecipientWithMany);

  const { resource, existing } = unaddressed;
  const foreign = existing.map(({ resourceId }) => resourceId).filter((id) => id !== resource!.id);
  const resources = [resource!, ...(await findResources(tx, [...new Set(foreign)])).values()];
  return {
    facts: unaddressed,
    request,
    resource: resource!,
    existing,
    policies: new Map(resources.map(({ id, policyVersion }) => [id, policyVersion])),
    fields: fieldsOf(request),
    isPersonal: isPersonal(textsOf(request)),
  };
}

/** Pure. Why a letter cannot be sent with what a line says of its own: a field that is missing, or a rule of content that it breaks. */
export function ownWordsError({ request, fields }: MassLetter, own: OwnWords): ErrorRow | { readonly missing: string } | undefined {
  const given = own.fields ?? {};
  for (const name of fields) if (!Object.hasOwn(given, name)) return { missing: name };
  if (own.fields) {
    const filled = { request: filledLetter(request, own.fields) } as Parameters<typeof textsUnfit>[0];
    const refusal = textsUnfit(filled) ?? translationsUnfit(filled);
    if (refusal) return refusal.row;
  }
  if (own.externalReferences === undefined) return undefined;
  const references = own.externalReferences as SendRequest['references'];
  if (references.some(({ referenceType }) => referenceType === 'DialogportenDialogId')) return e.dialogNotFound;
  return transmissionTypeUnfit({ request: { references } } as Parameters<typeof transmissionTypeUnfit>[0])?.row;
}

/** Pure. What is kept of a line's own words: fields that the letter does not have are left out. */
export function keptOwnWords({ fields }: MassLetter, { fields: given, ...own }: OwnWords): OwnWords | null {
  const kept = given && fields.size > 0 ? { ...own, fields: Object.fromEntries([...fields].map((name) => [name, given[name]!])) } : own;
  return Object.keys(kept).length > 0 ? kept : null;
}
