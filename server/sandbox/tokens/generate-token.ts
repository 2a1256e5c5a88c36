import type { Context } from '#kernel/context.ts';
import { Reply } from '#kernel/route.ts';
import { partiesByNumber } from '#register/index.ts';
import type { TokenFunction } from './functions.ts';
import { drawn, type Given, isTrue, type Query, readParameters } from './parameters.ts';
import type { TokenIssuer } from './signing-key.ts';

const defaultTtlSeconds = 1800;

/**
 * Makes a test token and answers it as plain text: the JWT, or what is in it when `dump` is asked for; in bulk a JSON map
 * from number to token. Parameters that are missing or do not fit are answered 400 with what each must be.
 * Source: compatibility.md, platform, §1.5.
 */
export async function generateToken(ctx: Context & { tokens: TokenIssuer }, of: TokenFunction, query: Query): Promise<Reply> {
  const reading = readParameters(of.takes, query);
  if ('errors' in reading) return json(400, reading.errors);
  const { given } = reading;
  const make = isTrue(given.dump) ? dumped : of.issuedBy ? ctx.tokens.signAsApplication : ctx.tokens.sign;
  if (of.bulk && given.bulkCount) {
    const all: Record<string, string> = {};
    for (const each of drawnAnew(of.bulk, given)) all[each[of.bulk]!] = await make(claimsOf(ctx.tokens, of, each));
    return json(200, all);
  }
  return new Reply(200, await make(claimsOf(ctx.tokens, of, await completed(ctx, of, given))), {
    'content-type': 'text/plain; charset=utf-8',
  });
}

/** What the register knows of a person stands in the token as it would in Altinn's, where the caller does not say otherwise. */
async function completed(ctx: Context, of: TokenFunction, given: Given): Promise<Given> {
  if (!of.takes.optional.includes('pid')) return given;
  const party = (await partiesByNumber(ctx.db, [given.pid!])).get(given.pid!);
  if (!party) return given;
  return { partyId: String(party.partyId), userId: String(party.partyId), partyuuid: party.id, ...given };
}

function claimsOf(tokens: TokenIssuer, of: TokenFunction, given: Given): Readonly<Record<string, unknown>> {
  const now = Math.floor(Date.now() / 1000);
  const times = { iat: now, nbf: now, exp: now + Number(given.ttl ?? defaultTtlSeconds) };
  return { ...of.claims(given), ...times, iss: of.issuedBy?.(given) ?? tokens.issuer, actual_iss: 'altinn-test-tools' };
}

function drawnAnew(parameter: 'orgNo' | 'pid', given: Given): Given[] {
  const draw = parameter === 'orgNo' ? drawn.organizationNumber : drawn.personNumber;
  return Array.from({ length: Number(given.bulkCount) }, () => ({ ...given, [parameter]: draw() }));
}

async function dumped(claims: object): Promise<string> {
  return `${JSON.stringify({ alg: 'RS256', typ: 'JWT' }, null, 2)}\n.\n${JSON.stringify(claims, null, 2)}`;
}

function json(status: number, body: object): Reply {
  return new Reply(status, body, { 'content-type': 'application/json; charset=utf-8' });
}
