import type { JWTPayload } from 'jose';
import type { Caller } from '#kernel/context.ts';
import type { Claimed } from '../claims.ts';

/** What a dialog token says, in the letters of the original. Source: compatibility.md, platform, §5.3. */
export interface DialogClaims {
  /** The level of the login. */
  readonly l: number;
  /** Who was logged in. */
  readonly c: string;
  /** The party of the dialog. */
  readonly p: string;
  /** The resource. */
  readonly s: string;
  /** The dialog. */
  readonly i: string;
  /** The actions, with `;` between them. */
  readonly a: string;
  /** The system user, and the organization that it belongs to. */
  readonly y?: string;
  readonly o?: string;
}

const person = 'urn:altinn:person:identifier-no:';
const organization = 'urn:altinn:organization:identifier-no:';
const systemUser = 'urn:altinn:systemuser:uuid:';

/** Pure. The claims of a token for one who reads a dialog; undefined for callers whom no dialog token can name. */
export function dialogClaimsOf(
  { kind, authLevel }: Pick<Caller, 'kind' | 'authLevel'>,
  who: { readonly personNumber: string | null; readonly systemUserId: string; readonly ownerNumber: string | null },
  dialog: Pick<DialogClaims, 'p' | 's' | 'i' | 'a'>,
): DialogClaims | undefined {
  const common = { l: authLevel, ...dialog };
  if (kind === 'person' && who.personNumber) return { ...common, c: person + who.personNumber };
  if (kind !== 'system-user' || !who.ownerNumber) return undefined;
  return { ...common, c: systemUser + who.systemUserId, y: who.systemUserId, o: who.ownerNumber };
}

/**
 * Reads a verified dialog token: it has no scopes, and is good for its dialog only. A claim that is missing or malformed counts as not
 * there, and then nothing can be done with it. Source: compatibility.md, correspondence, §1.2, §9.2.
 */
export function readDialogClaims(payload: JWTPayload): Claimed {
  const { c, p, i, a, l, y, o } = payload as Readonly<Record<string, unknown>>;
  const system = matched(y, /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/);
  const isSystem = y !== undefined;
  return {
    kind: isSystem ? 'system-user' : 'person',
    personNumber: isSystem ? null : matched(c, new RegExp(`^${person}(\\d{11})$`)),
    partyUuid: null,
    partyNumber: null,
    organizationNumber: isSystem ? matched(o, /^(\d{9})$/) : null,
    consumerNumber: null,
    systemUserId: system,
    scopes: new Set(),
    authLevel: typeof l === 'number' && Number.isInteger(l) && l >= 0 && l <= 4 ? l : 0,
    clientId: null,
    dialog: {
      id: typeof i === 'string' ? i : '',
      partyNumber: matched(p, new RegExp(`^(?:${person}(\\d{11})|${organization}(\\d{9}))$`)),
      actions: new Set(typeof a === 'string' ? a.split(';').filter((action) => action !== '') : []),
    },
  };
}

/** The first group that matched. */
function matched(value: unknown, pattern: RegExp): string | null {
  if (typeof value !== 'string') return null;
  return (
    pattern
      .exec(value)
      ?.slice(1)
      .find((group) => group !== undefined) ?? null
  );
}
