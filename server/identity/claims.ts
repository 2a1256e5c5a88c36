import type { JWTPayload } from 'jose';
import type { Caller } from '#kernel/context.ts';
import type { IssuerKind } from './issuers.ts';

/** What a verified token says about the caller, in the field's words; numbers not yet looked up. */
export interface Claimed {
  readonly kind: Exclude<Caller['kind'], 'anonymous'>;
  /** 11 digits */
  readonly personNumber: string | null;
  /** A party's UUID, or the number that clients of the original know a party by; asked only where there is no person's number. */
  readonly partyUuid: string | null;
  readonly partyNumber: number | null;
  /** 9 digits; of a system user: its owner's. */
  readonly organizationNumber: string | null;
  readonly consumerNumber: string | null;
  readonly systemUserId: string | null;
  readonly scopes: ReadonlySet<string>;
  readonly authLevel: number;
  readonly clientId: string | null;
  /** Of a dialog token: which dialog it is for, whose, and what may be done. */
  readonly dialog?: { readonly id: string; readonly partyNumber: string | null; readonly actions: ReadonlySet<string> };
}

/**
 * Reads the claims of the three kinds of issuer. A claim that is missing or malformed counts as not there; nothing is
 * refused here, since a caller who is nobody has no rights. A Maskinporten token never makes a person, even when it
 * names one: nobody has logged in. A person's login never makes a system user: its `authorization_details` are what the
 * client asked for, and no system has proved anything.
 * Source: compatibility.md, correspondence, §9.2; platform, §1.1-§1.3.
 */
export function readClaims(issuer: IssuerKind, payload: JWTPayload): Claimed {
  const calls = kindOf(issuer, payload);
  const systemUser = calls === 'organization' ? readSystemUser(payload.authorization_details) : undefined;
  const kind = systemUser ? 'system-user' : calls;
  const person = kind === 'person';
  return {
    kind,
    personNumber: person ? digits(payload.pid ?? payload['urn:altinn:person:identifier-no'], 11) : null,
    partyUuid: person ? uuid(payload['urn:altinn:party:uuid']) : null,
    partyNumber: person ? smallInteger(payload['urn:altinn:partyid']) : null,
    organizationNumber: systemUser ? systemUser.ownerNumber : kind === 'organization' ? organizationNumber(payload) : null,
    consumerNumber: actorNumber(payload.consumer) ?? digits(payload.client_orgno, 9) ?? digits(payload['urn:altinn:orgNumber'], 9),
    systemUserId: systemUser?.id ?? null,
    scopes: readScopes(payload.scope),
    authLevel: readLevel(payload) ?? (person || kind === 'platform' ? 0 : machineLevel),
    clientId: shortText(payload.client_id),
  };
}

/** What the original gives a machine that came through Maskinporten. */
const machineLevel = 3;

function kindOf(issuer: IssuerKind, payload: JWTPayload): 'person' | 'organization' | 'platform' {
  if (issuer === 'idporten') return 'person';
  if (issuer === 'maskinporten' || payload['urn:altinn:authenticatemethod'] === 'maskinporten') return 'organization';
  const has = (...names: string[]) => names.some((name) => payload[name] !== undefined);
  if (has('pid', 'urn:altinn:person:identifier-no', 'urn:altinn:userid')) return 'person';
  if (has('urn:altinn:orgNumber')) return 'organization';
  if (has('urn:altinn:partyid', 'urn:altinn:party:uuid')) return 'person';
  return has('urn:altinn:app') && !has('consumer') ? 'platform' : 'organization';
}

function organizationNumber(payload: JWTPayload): string | null {
  return digits(payload['urn:altinn:orgNumber'], 9) ?? actorNumber(payload.consumer);
}

/** The first system user among the authorization details; Maskinporten puts one there. */
function readSystemUser(details: unknown): { id: string | null; ownerNumber: string | null } | undefined {
  const found = (Array.isArray(details) ? details : [details]).find(
    (detail): detail is Record<string, unknown> => isObject(detail) && detail.type === 'urn:altinn:systemuser',
  );
  if (!found) return undefined;
  const ids = found.systemuser_id;
  return { id: uuid(Array.isArray(ids) ? ids[0] : ids), ownerNumber: actorNumber(found.systemuser_org) };
}

/** The organization number of an ISO 6523 actor: `0192:` today, `9908:` in older tokens. */
function actorNumber(actor: unknown): string | null {
  if (!isObject(actor) || actor.authority !== 'iso6523-actorid-upis' || typeof actor.ID !== 'string') return null;
  return /^(?:0192|9908):(\d{9})$/.exec(actor.ID)?.[1] ?? null;
}

function readScopes(scope: unknown): ReadonlySet<string> {
  const texts = (Array.isArray(scope) ? scope : [scope]).filter((text) => typeof text === 'string');
  return new Set(texts.flatMap((text) => text.split(/\s+/)).filter((word) => word !== ''));
}

const levels: Readonly<Record<string, number>> = {
  'idporten-loa-low': 0,
  'idporten-loa-substantial': 3,
  'idporten-loa-high': 4,
  'selfregistered-email': 0,
};

/** 0 to 4; undefined where the token says nothing that can be read as a level. */
function readLevel(payload: JWTPayload): number | undefined {
  const level = payload['urn:altinn:authlevel'] ?? acrLevel(payload.acr);
  return typeof level === 'string' || typeof level === 'number' ? levelOf(String(level)) : undefined;
}

function acrLevel(acr: unknown): unknown {
  if (typeof acr !== 'string') return undefined;
  return Object.hasOwn(levels, acr) ? levels[acr] : acr.slice(-1);
}

function levelOf(text: string): number | undefined {
  return /^[0-4]$/.test(text) ? Number(text) : undefined;
}

function digits(value: unknown, length: number): string | null {
  return typeof value === 'string' && value.length === length && /^\d+$/.test(value) ? value : null;
}

function uuid(value: unknown): string | null {
  return typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value) ? value.toLowerCase() : null;
}

/** A positive number that fits PostgreSQL's integer; tokens carry it as text or number. */
function smallInteger(value: unknown): number | null {
  const number = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && number > 0 && number <= 0x7fffffff ? number : null;
}

/** Text that can stand in a row: not empty, not endless, nothing that PostgreSQL refuses. */
function shortText(value: unknown): string | null {
  return typeof value === 'string' && value !== '' && value.length <= 200 && !value.includes('\0') && value.isWellFormed() ? value : null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
