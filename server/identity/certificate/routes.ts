import Type from 'typebox';
import { type CertificateChecker, certificateErrors } from '#certificates/index.ts';
import type { Context } from '#kernel/context.ts';
import { type AnyRoute, route } from '#kernel/route.ts';
import { callerOfCertificate } from './caller-of-certificate.ts';

const Certificate = Type.Object({
  organizationNumber: Type.String({ description: 'Nine digits.' }),
  isKnown: Type.Boolean({ description: 'Whether the register has that organization.' }),
  thumbprint: Type.String({ description: 'SHA-256 of the certificate, in lower-case hex.' }),
  validTo: Type.String({ format: 'date-time' }),
  isKnownNotRevoked: Type.Boolean({ description: 'False where its issuer could not be asked and this installation lets that pass.' }),
});

/** For whoever sets up a client with an enterprise certificate: whom it makes out to be, or why nobody. */
export function certificateRoutes(checker: CertificateChecker): AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/budstikke/v1/certificate',
      summary: 'Tells which organization the certificate shown with the request is for, or why it is not taken. Opens nothing.',
      scope: 'open',
      answers: { 200: Certificate },
      refusals: Object.values(certificateErrors),
      run: async (ctx: Context, _caller, { headers }) => {
        const { caller, certificate } = await callerOfCertificate(ctx, checker, headers);
        return { ...certificate, isKnown: caller.party !== null, validTo: certificate.validTo.toISOString() };
      },
    }),
  ];
}
