import { type Decision, findResources, may, partiesWithRole, type Resource, whoCanOpen } from '#access/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { type CorrespondenceId, newId, type PartyId } from '#kernel/ids.ts';
import type { ReceivedFile } from '#kernel/route.ts';
import { findParty, type Party } from '#register/index.ts';
import { holdAttachments } from '../store/attachment.ts';
import { isKeyUsed } from '../store/submission.ts';
import { type Facts, type Reach, recipientsOf } from './facts.ts';
import { type Addressed, needsOf } from './plan-submission.ts';
import type { SendRequest } from './request.ts';

/** What was found out before the transaction: the outside is asked before anything is locked. */
export interface Asked {
  readonly request: SendRequest;
  readonly files: readonly ReceivedFile[];
  readonly caller: Caller;
  readonly now: Date;
  readonly minimumAttachmentDays: number;
  readonly resource: Resource | undefined;
  readonly parties: ReadonlyMap<string, Party>;
}

const noRight: Decision = { permit: false, by: 'none', path: [] };

/** What the database knows of a request. Attachments that it refers to are held until the transaction ends. */
export async function gatherFacts(tx: Tx, asked: Asked): Promise<Facts> {
  const { request, caller, resource } = asked;
  const [owner, keyIsUsed, right, existing] = await Promise.all([
    resource ? findParty(tx, resource.ownerId) : undefined,
    resource && request.idempotentKey ? isKeyUsed(tx, resource.ownerId, request.idempotentKey) : false,
    resource ? may(tx, caller, { action: 'write', resource: resource.id, party: resource.ownerId }) : noRight,
    holdAttachments(tx, request.existingAttachments),
  ]);
  return { ...asked, owner, keyIsUsed, right, existing };
}

/** Each recipient with the id of its message to be, and the rights that reading it will take. */
export async function addressRecipients(tx: Tx, facts: Facts, resource: Resource): Promise<Addressed[]> {
  const foreign = await findResources(tx, [...new Set(facts.existing.map((a) => a.resourceId).filter((id) => id !== resource.id))]);
  const policies = new Map([resource, ...foreign.values()].map((r) => [r.id, r.policyVersion]));
  return recipientsOf(facts).map((recipient) => {
    const id = newId<CorrespondenceId>();
    return { id, recipient, needs: needsOf({ id, resourceId: resource.id }, facts.existing, policies) };
  });
}

/** Roles of which one must be held at a recipient where the original's rule is kept. Source: compatibility.md, correspondence, §2.1 (B11). */
const keyRoles = [
  'daglig-leder',
  'styreleder',
  'innehaver',
  'bestyrende-reder',
  'deltaker-delt-ansvar',
  'deltaker-fullt-ansvar',
  'komplementar',
];

/** Who could open, for all recipients in one question. */
export async function gatherReach(tx: Tx, addressed: readonly Addressed[], resource: Resource): Promise<Reach> {
  const answers = await whoCanOpen(
    tx,
    addressed.map(({ recipient, needs }) => ({ party: recipient.id, needs })),
  );
  return {
    openability: new Map(addressed.map(({ recipient }, i) => [recipient.id, answers[i]!])),
    withoutKeyRole: resource.strictAltinn ? await organizationsWithoutKeyRole(tx, addressed) : new Set(),
  };
}

async function organizationsWithoutKeyRole(tx: Tx, addressed: readonly Addressed[]): Promise<Set<PartyId>> {
  const organizations = addressed.filter(({ recipient }) => recipient.kind === 'organization').map(({ recipient }) => recipient.id);
  const led = await partiesWithRole(tx, organizations, keyRoles);
  return new Set(organizations.filter((id) => !led.has(id)));
}
