import type { Resource } from '#access/index.ts';
import { refuse } from '#kernel/refusal.ts';
import { partyUrn } from '#register/index.ts';
import { correspondenceErrors as e } from '../../errors.ts';
import { type Facts, isHeldBack, isTransmission, type Reach, type Rule, recipientsOf } from '../facts.ts';

export const confidentialPackage = 'post-til-virksomheten-med-taushetsbelagt-innhold';
export const explicitPackage = 'eksplisitt';

function hasPackage(resource: Resource, code: string): boolean {
  return resource.packages.some((name) => name.replace(/^.*:/, '') === code);
}

export const keyWithManyRecipients: Rule<Facts> = ({ request }) =>
  request.idempotentKey !== null && request.recipients.length > 1 ? refuse(e.idempotentKeyWithMany) : undefined;

export const keyUsed: Rule<Facts> = ({ keyIsUsed }) => (keyIsUsed ? refuse(e.duplicateIdempotentKey) : undefined);

export const resourceUnknown: Rule<Facts> = ({ resource, owner }) =>
  resource && !resource.deletedAt && owner?.kind === 'organization' ? undefined : refuse(e.resourceNotFound);

export const mayNotSend: Rule<Facts> = ({ right }) => (right.permit ? undefined : refuse(e.noAccess));

export const resourceOfAnotherType: Rule<Facts> = ({ resource, request }) => {
  const fits = resource?.type === 'CorrespondenceService' || (resource?.type === 'AltinnApp' && isTransmission(request));
  return fits ? undefined : refuse(e.resourceTypeForCorrespondence);
};

export const callerUnknown: Rule<Facts> = ({ caller }) => {
  if (caller.party !== null) return undefined;
  return caller.kind === 'anonymous' || caller.kind === 'platform' ? refuse(e.callerUnknown) : refuse(e.callerPartyNotFound);
};

/** A resource of the confidential package demands the flag, one of the explicit package allows it, no other does. */
export const confidentialityMisfit: Rule<Facts> = ({ request, resource }) => {
  if (!resource || resource.type === 'AltinnApp') return undefined;
  const demanded = hasPackage(resource, confidentialPackage);
  if (demanded && !request.isConfidential) return refuse(e.confidentialRequired);
  const allowed = demanded || hasPackage(resource, explicitPackage);
  return request.isConfidential && !allowed ? refuse(e.confidentialNotAllowed) : undefined;
};

export const forwardingAboveLevelZero: Rule<Facts> = ({ request, resource }) =>
  request.allowForwarding && resource && resource.minLevel > 0 ? refuse(e.forwardingNeedsLevelZero) : undefined;

export const recipientTwice: Rule<Facts> = ({ request }) =>
  new Set(request.recipients.map((r) => r.urn)).size < request.recipients.length ? refuse(e.duplicateRecipients) : undefined;

export const recipientUnknown: Rule<Facts> = ({ request, parties }) => {
  const missing = request.recipients.filter((r) => r.number === null || !parties.has(r.number));
  return missing.length > 0 ? refuse(e.recipientsNotFound, { recipients: missing.map((r) => r.urn).join(',') }) : undefined;
};

/**
 * Whether this request is refused where nobody can open it: as its resource has it, which for confidential post is so by default. On
 * a resource whose post may be confidential or not, what is sent without the flag is accepted. Source: compatibility.md, correspondence, §2.1 (B11).
 */
export function refusesUnreachable(
  { isConfidential }: { readonly isConfidential: boolean },
  resource: Pick<Resource, 'unreachable' | 'confidential' | 'strictAltinn'>,
): boolean {
  if (resource.strictAltinn) return isConfidential;
  return resource.unreachable === 'refuse' && (isConfidential || !resource.confidential);
}

/**
 * Nobody can open it nor give anyone the right to, and its resource has such post refused. Stronger than the original's question for a key role,
 * which is kept for resources that are marked so. Source: compatibility.md, correspondence, §2.1 (B11).
 */
export const nobodyCanOpen: Rule<Facts & Reach> = (facts) => {
  const { request, resource, openability, withoutKeyRole } = facts;
  if (!resource || !refusesUnreachable(request, resource)) return undefined;
  const locked = recipientsOf(facts).filter((party) =>
    resource.strictAltinn ? withoutKeyRole.has(party.id) : openability.get(party.id)?.class === 'UNREACHABLE',
  );
  return locked.length > 0 ? refuse(e.recipientsCannotOpen, { recipients: locked.map(partyUrn).join(',') }) : undefined;
};

/** One recipient who has said no is refused; among several they are told apart in the answer. */
export const onlyRecipientReserved: Rule<Facts> = (facts) => {
  const [first, second] = recipientsOf(facts);
  if (!first || second || !isHeldBack(first, facts.request)) return undefined;
  return refuse(e.recipientReserved, { recipient: partyUrn(first) });
};

export const recipientWithoutName: Rule<Facts> = (facts) => {
  const { title, summary, body } = facts.request;
  if (![title, summary, body].some((text) => text?.includes('{{recipientName}}'))) return undefined;
  const nameless = recipientsOf(facts).filter((party) => party.name.trim() === '');
  return nameless.length > 0 ? refuse(e.recipientsNotFound, { recipients: nameless.map(partyUrn).join(',') }) : undefined;
};
