import { type CertificateChecker, certificateErrors, type EnterpriseCertificate } from '#certificates/index.ts';
import { readClientCert } from '#kernel/client-cert.ts';
import type { Caller, Context } from '#kernel/context.ts';
import { refuse } from '#kernel/refusal.ts';
import { resolveParties } from '#register/index.ts';
import { saveCertificateSeen } from '../store.ts';

/** Who shows an enterprise certificate. */
export interface CertificateCaller {
  readonly caller: Caller;
  readonly certificate: EnterpriseCertificate;
}

/** A login by enterprise certificate gives level 3. Source: compatibility.md, certificates, §4. */
const authLevel = 3;

/**
 * Who is calling by the certificate that was shown with a request: the organization that it names, with no scope and no client,
 * since a certificate carries neither. For the doors of old; no route that asks for a token takes such a caller.
 * The organization sees afterwards which certificate it was.
 * Refuses every row of `certificateErrors`. The thumbprint goes to the log, whatever comes of it.
 */
export async function callerOfCertificate(
  ctx: Context,
  checker: CertificateChecker,
  headers: Readonly<Record<string, string | undefined>>,
): Promise<CertificateCaller> {
  const verdict = await checker.check(readClientCert(headers));
  if ('problem' in verdict) throw refuse(certificateErrors[verdict.problem], { thumbprint: verdict.thumbprint });
  const { certificate } = verdict;
  ctx.log.info({ thumbprint: certificate.thumbprint }, 'a certificate was taken');
  const { organizationNumber: number } = certificate;
  const party = (await resolveParties(ctx, [number])).get(number)?.id ?? null;
  if (party !== null)
    await ctx.db.transaction(async (tx) => saveCertificateSeen(tx, { ...certificate, organization: party, at: ctx.now() }));
  const caller: Caller = {
    kind: 'organization',
    issuer: 'certificate',
    subject: party,
    party,
    consumer: party,
    scopes: new Set(),
    authLevel,
    clientId: null,
  };
  return { caller, certificate };
}
