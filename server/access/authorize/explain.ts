import type { Caller, Context } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import { newId, type ResourceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { policiesAt } from '../decide/remembered-policies.ts';
import { verdictsOn } from '../decide/verdicts.ts';
import { accessErrors } from '../errors.ts';
import { findNamedParty, namesOrganization } from '../grants/named-party.ts';
import { administers } from '../grants/right-to-give.ts';
import { saveAudit } from '../store/audit.ts';
import { findResource } from '../store/resources.ts';
import { listRoleNames } from '../store/role-names.ts';
import { findStanding } from '../store/standing.ts';
import { authorizeErrors as e } from './errors.ts';
import { codesIn, type Names, sentencesOf } from './sentences.ts';
import type { Explained, ExplainRequest } from './wire.ts';

/**
 * Tells whether somebody may do something at a party, and how it comes about: of oneself to anybody, of others to who administers
 * access there. The answer about another is written down. Of a person who is not known it is that of one who has no rights: numbers
 * cannot be tried out. A machine answers for nobody, and is told of itself only.
 *
 * Refuses partyReferenceInvalid, partyUnknown, mayNotExplain, subjectUnknown, resourceUnknown. Who may not ask learns nothing of
 * the persons it names. The route is ours.
 */
export async function explain(ctx: Context, caller: Caller, request: ExplainRequest): Promise<Explained> {
  const at = await findNamedParty(ctx, 'party', request.party);
  if (!at) throw refuse(namesOrganization(request.party) ? accessErrors.partyUnknown : e.mayNotExplain, { field: 'party' });
  const named = request.subject ? await findNamedParty(ctx, 'subject', request.subject) : undefined;
  return ctx.db.transaction(async (tx) => {
    const aboutOther = request.subject !== null && request.subject !== undefined && named?.id !== caller.subject;
    const isPerson = caller.kind === 'person' && caller.subject !== null;
    if (aboutOther && !(isPerson && (await administers(tx, caller.subject!, at)))) throw refuse(e.mayNotExplain);
    if (!aboutOther && !caller.subject) throw refuse(e.subjectUnknown);
    const subject = aboutOther ? (named?.id ?? null) : caller.subject;
    const resource = request.resource.replace(/^urn:altinn:resource:/i, '') as ResourceId;
    const standing = await findStanding(tx, { places: [at.id], subjects: subject === null ? [] : [subject], resources: [resource] });
    const policies = await policiesAt(tx, standing);
    const policy = policies.get(resource);
    if (!policy) throw refuse(accessErrors.resourceUnknown, { resource });
    const act = { action: request.action, resource, party: at.id, instance: request.instance ?? null, subject };
    const [verdict] = await verdictsOn(tx, [act], { standing, policies });
    const { effect, path } = verdict ?? { effect: 'not-applicable' as const, path: [] };
    const decision = ({ permit: 'Permit', deny: 'Deny', 'not-applicable': 'NotApplicable' } as const)[effect];
    if (aboutOther) {
      saveAudit(tx, [
        {
          id: newId(),
          at: ctx.now(),
          party: at.id,
          subject,
          askedBy: caller.subject,
          clientId: caller.clientId,
          resource,
          instance: act.instance,
          action: act.action.toLowerCase(),
          decision,
          path,
        },
      ]);
    }
    const names = new Map([...(await listRoleNames(tx, codesIn(path))), ...(await titleOf(tx, resource, path))]);
    const person = at.kind === 'person' ? at.name : null;
    return { decision, path: [...path], explanation: sentencesOf(path, names, person), minimumLevel: policy.minLevel };
  });
}

/** What the service is called, where a grant of it is part of the way: who has that, or administers there, may know. */
async function titleOf(reader: Reader, id: ResourceId, path: readonly string[]): Promise<[string, Names][]> {
  const title = codesIn(path).includes(id) ? (await findResource(reader, id))?.title : undefined;
  return title ? [[id, title]] : [];
}
