import type { Caller, Context } from '#kernel/context.ts';
import { newId, type PartyId, type ResourceId } from '#kernel/ids.ts';
import { isNationalIdentityNumber, isOrganizationNumber, resolveParties } from '#register/index.ts';
import { decide, type Verdict } from '../decide/decide.ts';
import type { Subject } from '../decide/facts.ts';
import { policiesAt } from '../decide/remembered-policies.ts';
import { verdictsOn } from '../decide/verdicts.ts';
import { type AuditRow, saveAudit } from '../store/audit.ts';
import type { VersionedPolicy } from '../store/resources.ts';
import { findStanding, type Standing } from '../store/standing.ts';
import { type Name, type Question, readAttributes, type Unclear } from './read-attributes.ts';
import { readRequest } from './read-request.ts';
import { type Outcome, showResult } from './show-result.ts';
import { findNamed, nameKey } from './store.ts';
import type { DecisionRequest, DecisionResponse } from './wire.ts';

/** A question whose parties were looked up. */
interface Case {
  readonly question: Question;
  readonly subject: Subject | null;
  readonly party: Subject | null;
}

/**
 * Decides for another system, as the policy decision point of the original does: one answer for each question, in their order.
 * Roles, packages and grants are found out here. Each decision at a party that is known is written down.
 * Refuses tooManyDecisions, tooManyValues; whatever else is wrong with one question is its answer.
 * Source: compatibility.md, platform, §2.6.
 */
export async function authorize(ctx: Context, caller: Caller, body: DecisionRequest): Promise<DecisionResponse> {
  const requests = readRequest(body);
  const questions = requests.map(readAttributes);
  const asked = questions.filter((each): each is Question => 'resource' in each);
  await makeKnown(ctx, asked);
  const at = ctx.now();
  const outcomes = await ctx.db.transaction(async (tx) => {
    const found = await findNamed(tx, asked.flatMap(namesIn));
    const cases = questions.map((each) => ('resource' in each ? caseOf(each, found) : each));
    const open = cases.filter((each): each is Case => 'question' in each);
    const decided = await decideAll(tx, open);
    const all = cases.map((each): Outcome => ('question' in each ? decided.get(each)! : each));
    saveAudit(
      tx,
      open.flatMap((each) => auditOf(caller, each, decided.get(each)!, at)),
    );
    return all;
  });
  return { response: outcomes.map((outcome, i) => showResult(outcome, requests[i]!.echoed)) };
}

/** A sandbox may let parties come to be that a request names. Outside the transaction. */
async function makeKnown(ctx: Context, questions: readonly Question[]): Promise<void> {
  const numbers = questions.flatMap(namesIn).flatMap(({ by, value }) => (by === 'number' ? [value] : []));
  const sound = [...new Set(numbers)].filter((number) => isOrganizationNumber(number) || isNationalIdentityNumber(number));
  if (sound.length > 0) await resolveParties(ctx, sound);
}

function namesIn({ party, subject, systemUser }: Question): Name[] {
  return [...party, ...subject, ...(systemUser ? [{ by: 'id' as const, value: systemUser }] : [])];
}

function caseOf(question: Question, found: ReadonlyMap<string, Subject>): Case | Unclear {
  const parties = distinct(question.party.map((name) => found.get(nameKey(name))));
  const wellNamed = question.party.every((name) => found.has(nameKey(name)));
  if (parties.length > 1) return { status: 'syntax-error', why: 'the request names several parties' };
  const subject = subjectOf(question, found);
  if (subject === 'several') return { status: 'syntax-error', why: 'the request names several subjects' };
  return { question, subject, party: wellNamed ? (parties[0] ?? null) : null };
}

/**
 * A system user stands alone. A person is meant before the organization that its client belongs to, and a number before a code. Where
 * a name is nobody's, nobody is meant: a weaker name beside it would give a stranger the rights of the organization of its client.
 */
function subjectOf({ systemUser, subject }: Question, found: ReadonlyMap<string, Subject>): Subject | null | 'several' {
  if (systemUser) {
    const user = found.get(`id ${systemUser}`);
    return user?.kind === 'system-user' ? user : null;
  }
  const named = (...kinds: Name['by'][]) => subject.filter((name) => kinds.includes(name.by)).map((name) => found.get(nameKey(name)));
  const strong = named('number', 'id', 'party-id');
  if (strong.some((each) => !each || each.kind === 'system-user')) return null;
  const persons = distinct(strong).filter(({ kind }) => kind === 'person');
  if (persons.length > 0) return persons.length === 1 ? persons[0]! : 'several';
  const users = named('user-id');
  if (users.length > 0) return users.find((each) => each?.kind === 'person') ?? null;
  const organizations = distinct(strong.length > 0 ? strong : named('code'));
  return organizations.length > 1 ? 'several' : (organizations[0] ?? null);
}

function distinct(subjects: readonly (Subject | undefined)[]): Subject[] {
  return [...new Map(subjects.flatMap((each) => (each ? [[each.id, each] as const] : []))).values()];
}

type Reader = Parameters<typeof findStanding>[0];

async function decideAll(reader: Reader, cases: readonly Case[]): Promise<Map<Case, Outcome>> {
  const standing = await findStanding(reader, {
    places: [...new Set(cases.flatMap(({ party }) => party?.id ?? []))],
    subjects: [...new Set(cases.flatMap(({ subject }) => subject?.id ?? []))],
    resources: [...new Set(cases.map(({ question }) => question.resource))],
  });
  const policies = await policiesAt(reader, standing);
  const placed = cases.filter(({ party }) => party !== null);
  const verdicts = await verdictsOn(
    reader,
    placed.map(({ question, party, subject }) => ({ ...question, party: party!.id, subject: subject?.id ?? null })),
    { standing, policies },
  );
  const ruled = new Map(placed.map((each, i) => [each, verdicts[i]]));
  return new Map(
    cases.map((each): [Case, Outcome] => {
      const policy = policies.get(each.question.resource);
      if (!policy) return [each, { status: 'processing-error', why: 'there is no policy for the resource' }];
      const verdict = each.party ? ruled.get(each) : each.question.party.length === 0 ? withoutParty(policy, each, standing) : undefined;
      return [each, { verdict: verdict ?? notApplicable, policy }];
    }),
  );
}

const notApplicable: Verdict = { effect: 'not-applicable', path: [], byNameOnly: false, unread: [] };
const nowhere: Subject = { id: '' as PartyId, kind: 'organization', number: null, orgCode: null, partyId: 0 };

/** Where no party is named nobody holds anything there: rules that name the subject itself are all that may apply. */
function withoutParty(policy: VersionedPolicy, { question, subject }: Case, { subjects }: Standing): Verdict {
  const living = subject ? subjects.get(subject.id) : undefined;
  if (!living?.alive) return notApplicable;
  const verdict = decide(policy, { ...question, party: nowhere }, { at: nowhere.id, subject: living, facts: [] });
  const asksLists = policy.accessList !== null || (policy.lists ?? null) !== null;
  return verdict.effect === 'permit' && asksLists ? { ...notApplicable, effect: 'deny' } : verdict;
}

function auditOf(caller: Caller, { question, subject, party }: Case, outcome: Outcome, at: Date): AuditRow[] {
  if (!party) return [];
  const { decision } = showResult(outcome, []);
  return [
    {
      id: newId(),
      at,
      party: party.id,
      subject: subject?.id ?? null,
      askedBy: caller.consumer ?? caller.party,
      clientId: caller.clientId,
      resource: question.resource as ResourceId,
      instance: question.instance,
      action: question.action.toLowerCase(),
      decision,
      path: 'verdict' in outcome ? outcome.verdict.path : [],
    },
  ];
}
