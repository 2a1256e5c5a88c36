import { createHash, randomUUID } from 'node:crypto';
import { findSystemUserOfClient, registeredAmong } from '#access/index.ts';
import type { CertificateChecker } from '#certificates/index.ts';
import { type Client, findClient, findClients, saveCertificateSeen } from '#identity/index.ts';
import type { Context } from '#kernel/context.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParty, partiesByNumber } from '#register/index.ts';
import type { TokenIssuer } from '../tokens/signing-key.ts';
import { type ClientMethod, checkSignature } from './check-signature.ts';
import { grantErrors as e } from './errors.ts';
import { type Grant, readGrant, readUnverified } from './read-grant.ts';
import { listSystemUsers, type OwnedSystemUser, useGrant } from './store.ts';

/** The form of a token request: each parameter as often as it is there. */
export interface TokenRequest {
  readonly grant_type?: readonly string[];
  readonly assertion?: readonly string[];
}

export interface TokenAnswer {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly scope: string;
}

const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const lifeSeconds = 599;

/**
 * Gives a registered client a token shaped as Maskinporten's for a grant that it signed (RFC 7523 §2.1, §3.1). A grant is good
 * once: the second of two at the same time is refused. Whose consumer a supplier may act for is not asked in a sandbox.
 *
 * Refuses every row of `grantErrors`; a grant that is refused may be used again.
 * Source: compatibility.md, platform, §1.1.
 */
export async function issueToken(
  ctx: Context & { certificates?: CertificateChecker | undefined },
  issuer: TokenIssuer,
  request: TokenRequest,
): Promise<TokenAnswer> {
  const [grantType, assertion] = [once(request.grant_type), once(request.assertion)];
  if (!grantType) throw refuse(e.grantTypeMissing);
  if (grantType !== jwtBearer) throw refuse(e.grantTypeUnknown);
  if (!assertion) throw refuse(e.assertionMissing);

  const unverified = readUnverified(assertion);
  const client = await findClient(ctx.db, unverified.clientId);
  if (!client) throw refuse(e.unknownClient);
  const { method, certificate } = await checkSignature(ctx, assertion, unverified, client);
  const now = new Date(); // tokens live in real time
  const grant = readGrant(unverified.claims, Math.floor(now.getTime() / 1000));
  const notGiven = grant.scopes.filter((scope) => !client.scopes.includes(scope));
  if (notGiven.length > 0) throw refuse(e.scopeNotGiven, { scopes: notGiven.join(' ') });
  const claims = await claimsOf(ctx, client, method, grant);

  const digest = digestOf(client, assertion, unverified.claims.jti);
  const isFirst = await ctx.db.transaction(async (tx) => {
    const first = await useGrant(tx, digest, new Date(grant.expiresAt), now);
    if (first && certificate) saveCertificateSeen(tx, { ...certificate, organization: client.organizationId, at: ctx.now() });
    return first;
  });
  if (!isFirst) throw refuse(e.used);

  const iat = Math.floor(now.getTime() / 1000);
  const token = await issuer.sign({ ...claims, iss: issuer.issuer, iat, exp: iat + lifeSeconds, jti: randomUUID() });
  return { access_token: token, token_type: 'Bearer', expires_in: lifeSeconds, scope: grant.scopes.join(' ') };
}

/** A parameter must not be there more than once: RFC 6749 §3.2. */
function once(values: readonly string[] = []): string | undefined {
  if (values.length > 1) throw refuse(e.repeated);
  return values[0];
}

/** What a grant is remembered by: its `jti`, or all that was signed where it has none (a signature may be made anew). */
function digestOf({ clientId }: Client, assertion: string, jti: unknown): string {
  const named = typeof jti === 'string' ? ['jti', jti] : ['signed', assertion.slice(0, assertion.lastIndexOf('.'))];
  return createHash('sha256')
    .update(JSON.stringify([clientId, ...named]))
    .digest('hex');
}

async function claimsOf(ctx: Context, client: Client, method: ClientMethod, grant: Grant): Promise<Readonly<Record<string, unknown>>> {
  const own = (await findParty(ctx.db, client.organizationId))!.number!;
  const isSupplier = grant.consumer !== undefined && grant.consumer !== own;
  return {
    client_amr: method,
    client_id: client.clientId,
    token_type: 'Bearer',
    scope: grant.scopes.join(' '),
    consumer: actor(grant.consumer ?? own),
    ...(isSupplier ? { supplier: actor(own), delegation_source: 'https://tt02.altinn.no/' } : {}),
    ...(grant.audience === undefined ? {} : { aud: grant.audience }),
    ...(grant.person === undefined ? {} : { pid: grant.person }),
    ...(grant.systemUserOwner === undefined ? {} : { authorization_details: [await detailOf(ctx, client, own, grant)] }),
  };
}

/** A client of a registered system acts as what the organization has approved for it, and nobody else does. */
async function detailOf(ctx: Context, client: Client, vendor: string, grant: Grant): Promise<object> {
  const owner = grant.systemUserOwner!;
  const party = (await partiesByNumber(ctx.db, [owner])).get(owner);
  const { clientId, organizationId: vendorId } = client;
  const externalRef = grant.systemUserReference ?? owner;
  const approved = party && (await findSystemUserOfClient(ctx.db, { clientId, vendorId, ownerId: party.id, externalRef }));
  if (approved) return detail(approved.id, approved.systemId, owner);
  const all = party ? await listSystemUsers(ctx.db, party.id) : [];
  const registered = await registeredAmong(
    ctx.db,
    all.map(({ id }) => id),
  );
  const candidates = grant.systemUserReference === undefined ? all.filter(({ id }) => !registered.has(id)) : [];
  const clients = await findClients(
    ctx.db,
    candidates.map(({ system }) => system),
  );
  const chosen = chooseSystemUser(candidates, { clientId: client.clientId, vendor }, (system) => clients.has(system));
  if (!chosen) throw refuse(e.noSystemUser);
  return detail(chosen.id, chosen.system, owner);
}

function detail(id: string, system: string, owner: string): object {
  return { type: 'urn:altinn:systemuser', systemuser_id: [id], systemuser_org: actor(owner), system_id: system };
}

/**
 * Pure. Which of an organization's system users a client acts as: one of the system that bears the client's id, or the vendor's
 * number as the original's ids do (`991825827_name`); else one of a system that is nobody's in particular.
 */
export function chooseSystemUser(
  candidates: readonly OwnedSystemUser[],
  { clientId, vendor }: { clientId: string; vendor: string },
  isClient: (system: string) => boolean,
): OwnedSystemUser | undefined {
  const own = candidates.find(({ system }) => system === clientId) ?? candidates.find(({ system }) => system.startsWith(`${vendor}_`));
  return own ?? candidates.find(({ system }) => !isClient(system) && !/^\d{9}_/.test(system));
}

function actor(organizationNumber: string): object {
  return { authority: 'iso6523-actorid-upis', ID: `0192:${organizationNumber}` };
}
