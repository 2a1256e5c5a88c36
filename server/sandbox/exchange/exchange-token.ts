import { readClaims, type TokenVerifier } from '#identity/index.ts';
import type { Context } from '#kernel/context.ts';
import { Reply } from '#kernel/route.ts';
import { resolveParties } from '#register/index.ts';
import type { TokenIssuer } from '../tokens/signing-key.ts';
import { textReply } from './accepted-text.ts';
import { machineClaims, personClaims } from './claims.ts';

/** What the exchange needs beside the register: who verifies the tokens it takes, and who signs those that it gives. */
export interface Exchange {
  readonly verify: TokenVerifier;
  readonly altinn: TokenIssuer;
}

type Headers = Readonly<Record<string, string | undefined>>;
type Work = (ctx: Context & Exchange, headers: Headers, isTest: boolean) => Promise<Reply>;

/** By the provider's name in the address, in lower case. */
const providers: ReadonlyMap<string, Work> = new Map(
  Object.entries({
    maskinporten: exchangeMaskinporten,
    'id-porten': exchangeIdporten,
    altinnstudio: async () => unauthorized, // its issuers are not in a sandbox
  }),
);

/**
 * Makes an Altinn token of a token of Maskinporten or ID-porten, which the caller shows as bearer. The answer is the token: bare
 * text, or a JSON string where JSON is asked for. 401 for a token that does not hold or names nobody, 403 for a person's
 * token without a scope of Altinn's, 400 for another provider, 410 for the enterprise users that are no more.
 * Source: compatibility.md, platform, §1.3.
 */
export async function exchangeToken(ctx: Context & Exchange, provider: string, test: string | undefined, headers: Headers): Promise<Reply> {
  const work = providers.get(provider.toLowerCase());
  if (work) return work(ctx, headers, test?.toLowerCase() === 'true');
  const text = `Invalid token provider: ${provider}. Trusted token providers are 'Maskinporten', 'Id-porten' and 'AltinnStudio'.`;
  return textReply(400, text, headers.accept);
}

const unauthorized = new Reply(401, undefined, { 'www-authenticate': 'Bearer' });

const gone = new Reply(
  410,
  { type: 'https://tools.ietf.org/html/rfc9110#section-15.5.11', title: 'Virksomhetsbruker is no longer available', status: 410 },
  { 'content-type': 'application/problem+json' },
);

/** What Altinn's token for a machine lives. */
const machineSeconds = 30 * 60;

async function exchangeMaskinporten(ctx: Context & Exchange, headers: Headers, isTest: boolean): Promise<Reply> {
  if (headers['x-altinn-enterpriseuser-authentication'] !== undefined) return gone;
  const verified = await verifiedOf(ctx, headers);
  if (verified?.kind !== 'maskinporten') return unauthorized;
  const { consumerNumber: number } = readClaims('maskinporten', verified.payload);
  if (number === null) return unauthorized;
  const orgCode = (await resolveParties(ctx, [number])).get(number)?.orgCode ?? null;
  const claims = machineClaims(verified.payload, { number, orgCode }, isTest);
  return textReply(200, await signed(ctx, claims, seconds() + machineSeconds), headers.accept);
}

async function exchangeIdporten(ctx: Context & Exchange, headers: Headers): Promise<Reply> {
  const verified = await verifiedOf(ctx, headers);
  if (verified?.kind !== 'idporten') return unauthorized;
  const { scopes, personNumber, authLevel } = readClaims('idporten', verified.payload);
  if (![...scopes].some((scope) => scope.startsWith('altinn:'))) return new Reply(403, undefined);
  if (personNumber === null || typeof verified.payload.acr !== 'string') return unauthorized;
  const person = (await resolveParties(ctx, [personNumber])).get(personNumber);
  if (!person) return unauthorized;
  return textReply(200, await signed(ctx, personClaims(verified.payload, person, authLevel), verified.payload.exp!), headers.accept);
}

async function verifiedOf(ctx: Exchange, headers: Headers) {
  const token = /^bearer +(\S+)$/i.exec(headers.authorization?.trim() ?? '')?.[1];
  const verified = token === undefined ? 'invalid' : await ctx.verify(token);
  return verified === 'invalid' ? undefined : verified;
}

function signed({ altinn }: Exchange, claims: Readonly<Record<string, unknown>>, exp: number): Promise<string> {
  return altinn.sign({ ...claims, iss: altinn.issuer, iat: seconds(), nbf: seconds(), exp });
}

/** Real time: tokens live in it. */
function seconds(): number {
  return Math.floor(Date.now() / 1000);
}
