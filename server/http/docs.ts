import { createHash } from 'node:crypto';
import reference from '@scalar/fastify-api-reference';
import type { FastifyInstance } from 'fastify';

/** Nothing comes from elsewhere and nothing goes elsewhere: the page reads its own script and the document, and asks this server only. */
const policyWith = (scripts: string): string =>
  `default-src 'none'; script-src 'self'${scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** The one script that stands in the page, and no other: by what it is. */
function hashesOf(html: string): string {
  const inline = [...html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)].map(([, script]) => script!);
  return inline.map((script) => ` 'sha256-${createHash('sha256').update(script).digest('base64')}'`).join('');
}

function isDocumentation(path: string): boolean {
  return path === '/openapi.json' || path === '/docs' || path.startsWith('/docs/');
}

/** The document at `/openapi.json`, readable at `/docs`, with the address that this server is reached by. */
export async function registerDocs(fastify: FastifyInstance, publicUrl: string): Promise<void> {
  const headers = {
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'same-origin',
    ...(publicUrl.startsWith('https:') ? { 'strict-transport-security': 'max-age=31536000' } : {}),
  };
  fastify.addHook('onRequest', async (request, reply) => {
    if (isDocumentation(request.routeOptions.url ?? '')) reply.headers({ ...headers, 'content-security-policy': policyWith('') });
  });
  fastify.addHook('onSend', async (request, reply, payload) => {
    const isPage = String(reply.getHeader('content-type') ?? '').startsWith('text/html');
    if (isPage && typeof payload === 'string' && isDocumentation(request.routeOptions.url ?? ''))
      reply.header('content-security-policy', policyWith(hashesOf(payload)));
    return payload;
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
