import { decodeJwt, decodeProtectedHeader, type JWTPayload, type ProtectedHeaderParameters } from 'jose';
import { refuse } from '#kernel/refusal.ts';
import { isNationalIdentityNumber, isOrganizationNumber } from '#register/index.ts';
import { grantErrors as e } from './errors.ts';

/** Those of Maskinporten (RSA), and those of the other keys that a client may register. */
export const grantAlgorithms = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const;

/** What a signed grant says before it is known who signed it. */
export interface UnverifiedGrant {
  readonly clientId: string;
  readonly alg: string;
  readonly kid: string | undefined;
  /** The certificate that signed and those that came with it, DER; undefined where a key is named. */
  readonly certificates: readonly Uint8Array[] | undefined;
  readonly claims: JWTPayload;
}

/** What a grant asks for, once its signature holds. */
export interface Grant {
  readonly scopes: readonly string[];
  /** Nine digits: a supplier asks on behalf of this one. */
  readonly consumer: string | undefined;
  /** Nine digits: whose system user is to act. */
  readonly systemUserOwner: string | undefined;
  /** Which of its system users, in the vendor's words; the owner's number when left out. */
  readonly systemUserReference: string | undefined;
  readonly audience: string | readonly string[] | undefined;
  readonly person: string | undefined;
  /** Milliseconds since 1970: until then it may not be used again. */
  readonly expiresAt: number;
}

/**
 * Takes an assertion apart. Padding (`=`) that some libraries leave in base64url does no harm.
 * Refuses notJwt, algorithm, keyNotNamed, unknownClient (no `iss`).
 */
export function readUnverified(assertion: string): UnverifiedGrant {
  const [header, claims] = parts(assertion);
  const { alg, kid, x5c } = header;
  if (!grantAlgorithms.some((one) => one === alg)) throw refuse(e.algorithm, { algorithms: grantAlgorithms.join(', ') });
  const isChain = Array.isArray(x5c) && x5c.length > 0 && x5c.every((each) => typeof each === 'string');
  const certificates = isChain ? x5c.map((base64) => new Uint8Array(Buffer.from(base64, 'base64'))) : undefined;
  const named = typeof kid === 'string' && kid !== '' ? kid : undefined;
  if ((named === undefined) === (certificates === undefined)) throw refuse(e.keyNotNamed);
  if (typeof claims.iss !== 'string' || claims.iss.includes('\u0000')) throw refuse(e.unknownClient); // no client has a zero letter in its name, and PostgreSQL takes none
  return { clientId: claims.iss, alg: alg as string, kid: named, certificates, claims };
}

function parts(assertion: string): [ProtectedHeaderParameters, JWTPayload] {
  try {
    return [decodeProtectedHeader(assertion), decodeJwt(assertion)];
  } catch {
    throw refuse(e.notJwt);
  }
}

const longestSeconds = 120;
const skewSeconds = 10;

/**
 * Pure. What the claims of a grant ask for, at this second (real time). Clocks may differ by ten seconds; the audience must be
 * there and may be any: a sandbox is known by many addresses.
 * Refuses timesMissing, expired, tooEarly, tooLong, audienceMissing, scopeMissing, consumer, authorizationDetails, target, person.
 * Source: compatibility.md, platform, §1.1.
 */
export function readGrant(claims: JWTPayload, nowSeconds: number): Grant {
  const expiresAt = readTimes(claims, nowSeconds);
  if (!isTextOrList(claims.aud)) throw refuse(e.audienceMissing);
  return {
    scopes: readScopes(claims.scope),
    consumer: readConsumer(claims.consumer_org),
    systemUserOwner: readDetails(claims.authorization_details)?.owner,
    systemUserReference: readDetails(claims.authorization_details)?.reference,
    audience: readTarget(claims.resource),
    person: readPerson(claims.pid),
    expiresAt,
  };
}

function readTimes({ iat, exp, nbf }: JWTPayload, now: number): number {
  if (!Number.isFinite(iat) || !Number.isFinite(exp)) throw refuse(e.timesMissing);
  const [issued, ends] = [iat as number, exp as number];
  if (ends - issued > longestSeconds || ends < issued) throw refuse(e.tooLong);
  if (ends + skewSeconds <= now) throw refuse(e.expired);
  const begins = Math.max(issued, typeof nbf === 'number' ? nbf : issued);
  if (begins - skewSeconds > now) throw refuse(e.tooEarly);
  return (ends + skewSeconds) * 1000;
}

/** The characters of a scope in RFC 6749 §3.3. */
const scopeWord = /^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/;

function readScopes(scope: unknown): string[] {
  const words = typeof scope === 'string' ? [...new Set(scope.split(/\s+/).filter((word) => word !== ''))] : [];
  if (words.length === 0 || !words.every((word) => scopeWord.test(word))) throw refuse(e.scopeMissing);
  return words;
}

function readConsumer(consumer: unknown): string | undefined {
  if (consumer === undefined) return undefined;
  const number = organizationNumber(consumer);
  if (number === undefined) throw refuse(e.consumer);
  return number;
}

function readDetails(details: unknown): { owner: string; reference: string | undefined } | undefined {
  if (details === undefined) return undefined;
  const list: unknown[] = Array.isArray(details) ? details : [details];
  const [detail] = list;
  if (list.length !== 1 || !isObject(detail) || detail.type !== 'urn:altinn:systemuser') throw refuse(e.authorizationDetails);
  const actor = detail.systemuser_org;
  const number = isObject(actor) && actor.authority === 'iso6523-actorid-upis' ? organizationNumber(actor.ID) : undefined;
  const reference = detail.externalRef;
  if (number === undefined || (reference !== undefined && (typeof reference !== 'string' || reference.length > 255)))
    throw refuse(e.authorizationDetails);
  return { owner: number, reference };
}

function readTarget(resource: unknown): string | readonly string[] | undefined {
  if (resource === undefined) return undefined;
  if (!isTextOrList(resource)) throw refuse(e.target);
  return resource;
}

function readPerson(pid: unknown): string | undefined {
  if (pid === undefined) return undefined;
  if (typeof pid !== 'string' || !isNationalIdentityNumber(pid)) throw refuse(e.person);
  return pid;
}

/** With or without the ISO 6523 prefix. */
function organizationNumber(value: unknown): string | undefined {
  const number = typeof value === 'string' ? value.replace(/^(?:0192|9908):/, '') : '';
  return isOrganizationNumber(number) ? number : undefined;
}

function isTextOrList(value: unknown): value is string | string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.length > 0 && list.every((text) => typeof text === 'string' && text !== '' && text.length <= 2000);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
