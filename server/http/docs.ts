import reference from '@scalar/fastify-api-reference';
import type { FastifyInstance } from 'fastify';

/** Nothing comes from elsewhere and nothing goes elsewhere: the page reads its own script and the document, and asks this server only. */
const policy =
  "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

function isDocumentation(path: string): boolean {
  return path === '/openapi.json' || path === '/docs' || path.startsWith('/docs/');
}

/** The document at `/openapi.json`, readable at `/docs`, with the address that this server is reached by. */
export async function registerDocs(fastify: FastifyInstance, publicUrl: string): Promise<void> {
  fastify.addHook('onRequest', async (request, reply) => {
    if (isDocumentation(request.routeOptions.url ?? ''))
      reply.headers({ 'content-security-policy': policy, 'x-content-type-options': 'nosniff' });
  });
  fastify.get('/openapi.json', async () => ({ ...fastify.swagger(), servers: [{ url: publicUrl }] }));
  await fastify.register(reference, {
    routePrefix: '/docs',
    configuration: {
      url: '/openapi.json',
      pageTitle: 'Budstikke',
      withDefaultFonts: false,
      telemetry: false,
      hideClientButton: true,
      showDeveloperTools: 'never',
      agent: { disabled: true },
    },
  });
}
