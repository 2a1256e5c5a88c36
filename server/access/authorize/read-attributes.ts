import type { ResourceId } from '#kernel/ids.ts';
import { attribute } from '../policy.ts';
import type { Bag, SingleRequest } from './read-request.ts';

/** A name that somebody goes by. */
export interface Name {
  readonly by: 'number' | 'id' | 'party-id' | 'user-id' | 'code';
  readonly value: string;
}

/** What a question is about, before anybody is looked up. */
export interface Question {
  readonly action: string;
  readonly resource: ResourceId;
  /** A message or attachment, as a UUID. */
  readonly instance: string | null;
  /** Whom the right is asked for at. None: the request names no party. */
  readonly party: readonly Name[];
  readonly systemUser: string | null;
  /** Persons and organizations that the subject goes by. */
  readonly subject: readonly Name[];
}

/** Why a question cannot be decided: the last part of a status code of XACML 3.0, §B.8. */
export interface Unclear {
  readonly status: 'missing-attribute' | 'syntax-error' | 'processing-error';
  readonly why: string;
}

/** Attributes that name a party, as resource or as subject; the first spelling of each is today's. */
const naming: readonly (readonly [id: string, by: Name['by']])[] = [
  [attribute.personNumber, 'number'],
  ['urn:altinn:ssn', 'number'],
  [attribute.organizationNumber, 'number'],
  [attribute.legacyOrganizationNumber, 'number'],
  [attribute.partyUuid, 'id'],
  ['urn:altinn:person:uuid', 'id'],
  ['urn:altinn:organization:uuid', 'id'],
  [attribute.partyNumber, 'party-id'],
];

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Pure. What a request asks, by the attributes that clients of the original send. Roles, packages and lists that it claims for its
 * subject are not heeded: those are found out here. Of attributes that nobody here knows (session, scope, level) nothing is made.
 * Source: compatibility.md, platform, §2.6.
 */
export function readAttributes({ subject, action, resource, wrong }: SingleRequest): Question | Unclear {
  if (wrong) return { status: 'syntax-error', why: wrong };
  const actions = valuesOf(action, attribute.action);
  if (actions.length === 0) return { status: 'missing-attribute', why: `the request has no ${attribute.action}` };
  if (actions.length > 1) return { status: 'syntax-error', why: 'the request has several actions' };
  const resources = resourcesOf(resource);
  if (resources.length === 0) return { status: 'missing-attribute', why: `the request has no ${attribute.resource}` };
  if (resources.length > 1) return { status: 'syntax-error', why: 'the request has several resources' };
  const systemUsers = valuesOf(subject, attribute.systemUser);
  const names = namesOf(subject, true);
  if (systemUsers.length > 1 || (systemUsers.length === 1 && names.some(({ by }) => by !== 'code'))) {
    return { status: 'syntax-error', why: `${attribute.systemUser} stands alone` };
  }
  return {
    action: actions[0]!,
    resource: resources[0] as ResourceId,
    instance: instanceOf(resource),
    party: namesOf(resource, false),
    systemUser: systemUsers[0]?.toLowerCase() ?? null,
    subject: names,
  };
}

function valuesOf(bag: Bag, name: string): string[] {
  return [...new Set((bag.get(name.toLowerCase()) ?? []).map((value) => value.trim()).filter((value) => value !== ''))];
}

/** An application is named by its owner and its own name. */
function resourcesOf(bag: Bag): string[] {
  const named = valuesOf(bag, attribute.resource).map((value) => value.replace(/^urn:altinn:resource:/i, ''));
  const [org, app] = [valuesOf(bag, attribute.orgCode)[0], valuesOf(bag, 'urn:altinn:app')[0]];
  return named.length === 0 && org && app ? [`app_${org}_${app}`] : named;
}

/** Instances of applications are no messages: a right to one of them alone is known to nobody here. */
function instanceOf(bag: Bag): string | null {
  const value = valuesOf(bag, attribute.instance)[0]
    ?.toLowerCase()
    .replace(/^urn:altinn:correspondence-id:/, '');
  return value && uuid.test(value) ? value : null;
}

function namesOf(bag: Bag, asSubject: boolean): Name[] {
  const known = asSubject ? [...naming, [attribute.orgCode, 'code'] as const, ['urn:altinn:userid', 'user-id'] as const] : naming;
  const names = known.flatMap(([id, by]) => valuesOf(bag, id).map((value) => ({ by, value: by === 'id' ? value.toLowerCase() : value })));
  const isSound = ({ by, value }: Name) =>
    by === 'id' ? uuid.test(value) : by === 'party-id' || by === 'user-id' ? /^\d{1,9}$/.test(value) : true;
  // a name of no party is kept as one that nobody has
  return names.map((name) => (isSound(name) ? name : { by: 'number' as const, value: '' }));
}
