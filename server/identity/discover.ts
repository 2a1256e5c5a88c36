import type { Log } from '#kernel/log.ts';
import { fetchDocument } from './fetch-document.ts';
import type { IssuerKind } from './issuers.ts';

/** Milliseconds of real time. */
const freshFor = 60 * 60_000;

/**
 * Where an issuer's keys are, by its own metadata (RFC 8414, OpenID Connect Discovery): asked again each hour at most, and what
 * it said last serves while it does not answer. Throws when it never did.
 */
export function discoverKeys(issuer: string, kind: IssuerKind, log: Log): () => Promise<string> {
  let known: { readonly address: string; readonly at: number } | undefined;
  return async () => {
    if (known && Date.now() - known.at < freshFor) return known.address;
    try {
      known = { address: await findAddress(issuer, kind), at: Date.now() };
    } catch (error) {
      if (!known) throw error;
      log.warn({ issuer, reason: messageOf(error) }, 'metadata of an issuer could not be fetched; its keys are looked for where they were');
    }
    return known.address;
  };
}

async function findAddress(issuer: string, kind: IssuerKind): Promise<string> {
  const reasons: string[] = [];
  for (const place of placesOf(issuer, kind)) {
    try {
      return addressIn(issuer, await fetchDocument(place));
    } catch (error) {
      reasons.push(messageOf(error));
    }
  }
  throw new Error(`no metadata: ${reasons.join('; ')}`);
}

/** Where metadata may stand: beneath the issuer's address, and where RFC 8414 §3.1 puts it; first where the issuer's kind has it. */
function placesOf(issuer: string, kind: IssuerKind): string[] {
  const { origin, pathname } = new URL(issuer);
  const beneath = issuer.replace(/\/+$/, '');
  const path = pathname.replace(/\/+$/, '');
  const openId = `${beneath}/.well-known/openid-configuration`;
  const oauth = [
    ...new Set([`${beneath}/.well-known/oauth-authorization-server`, `${origin}/.well-known/oauth-authorization-server${path}`]),
  ];
  return kind === 'maskinporten' ? [...oauth, openId] : [openId, ...oauth];
}

/** An issuer speaks for itself only, and one behind TLS not of keys that lie in the open. */
function addressIn(issuer: string, metadata: unknown): string {
  const { issuer: named, jwks_uri: address } = (metadata ?? {}) as Readonly<Record<string, unknown>>;
  if (named !== issuer) throw new Error('the metadata is of another issuer');
  if (typeof address !== 'string' || !URL.canParse(address)) throw new Error('the metadata names no jwks_uri');
  const { protocol } = new URL(address);
  if (protocol !== 'https:' && protocol !== new URL(issuer).protocol) throw new Error('the jwks_uri has another scheme than the issuer');
  return address;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
