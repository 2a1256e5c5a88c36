import { randomUUID } from 'node:crypto';
import type { JWTPayload } from 'jose';
import type { Party } from '#register/index.ts';

type Claims = Readonly<Record<string, unknown>>;

/** Everything but `names`, and but what only the exchange itself says. */
function kept(payload: JWTPayload, names: readonly string[]): Claims {
  return Object.fromEntries(Object.entries(payload).filter(([name]) => !names.includes(name) && !name.startsWith('urn:altinn:')));
}

/**
 * Pure. What an exchanged Maskinporten token says, times and issuer aside. The code of a service owner stands in it only where
 * the token may act as one; `isTest` turns that of Digdir into the one under which its tests run.
 * Source: compatibility.md, platform, §1.3.
 */
export function machineClaims(payload: JWTPayload, organization: Pick<Party, 'number' | 'orgCode'>, isTest: boolean): Claims {
  const actsAsOwner = typeof payload.scope === 'string' && payload.scope.includes('altinn:serviceowner');
  const code = isTest && organization.orgCode === 'digdir' ? 'ttd' : organization.orgCode;
  return {
    ...kept(payload, ['aud', 'iss', 'client_amr', 'sid']),
    ...(actsAsOwner && code !== null ? { 'urn:altinn:org': code } : {}),
    'urn:altinn:orgNumber': organization.number,
    'urn:altinn:authenticatemethod': 'maskinporten',
    'urn:altinn:authlevel': 3,
    sid: randomUUID(),
  };
}

/** Pure. What an exchanged ID-porten token says, times and issuer aside. Source: compatibility.md, platform, §1.3. */
export function personClaims(payload: JWTPayload, person: Pick<Party, 'id' | 'partyId'>, level: number): Claims {
  return {
    ...kept(payload, ['aud', 'iss', 'at_hash', 'sid', 'sub']),
    nameid: String(person.partyId),
    'urn:altinn:userid': person.partyId,
    'urn:altinn:username': '',
    'urn:altinn:partyid': person.partyId,
    'urn:altinn:party:uuid': person.id,
    'urn:altinn:authenticatemethod': methodOf(payload.amr),
    'urn:altinn:authlevel': level,
    sid: randomUUID(),
  };
}

/** Altinn's names for the ways to log in that ID-porten tells of; others have none. */
const methods: Readonly<Record<string, string>> = {
  'minid-pin': 'MinIDPin',
  'minid-otc': 'MinIDOTC',
  commfides: 'Commfides',
  buypass: 'BuyPass',
  bankid: 'BankID',
  'bankid mobil': 'BankIDMobil',
  eidas: 'EIDAS',
};

function methodOf(amr: unknown): string {
  const [first]: unknown[] = Array.isArray(amr) ? amr : [amr];
  return (typeof first === 'string' ? methods[first.toLowerCase()] : undefined) ?? 'NotDefined';
}
