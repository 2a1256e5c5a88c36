import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Mount } from '#kernel/mount.ts';
import type { Reply } from '#kernel/route.ts';
import { type BuiltFile, builtApp } from './built-app.ts';
import { pageHeaders } from './policy.ts';

/** Where the app's own routes begin; each is answered with its page, and the app shows what the address means. */
const sections = ['inbox', 'access', 'unread', 'console', 'operator', 'sandbox'] as const;
/** Files at the root that browsers ask for by themselves; all others lie under `assets/`, with a hash in the name. */
const rootFiles = ['favicon.ico', 'favicon.svg', 'apple-touch-icon.png', 'manifest.webmanifest', 'robots.txt'] as const;

const notBuilt = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Budstikke</title>
<h1>The web app is not built</h1><p>Run <code>npm run build</code> on the server, and load this page again. The APIs work without it: <a href="/docs">/docs</a>.</p></html>`;

type Headers = Readonly<Record<string, string | undefined>>;

export interface ServedApp {
  /** Where `web/` is built to. */
  readonly folder: string;
  readonly publicUrl: string;
  /** Where browsers log in; undefined where nobody can. */
  readonly providerIssuer: string | undefined;
  /** What stands at `/` while the app is not built; otherwise it says so. */
  readonly front?: (headers: Headers, lang: string | undefined) => Promise<Reply>;
}

/**
 * Serves the built web app: its page for every address of its own, its files with the names that the build gave them. Pages are asked
 * for anew each time (by their ETag), files with a hash in the name are kept for a year. Nothing personal is in any of it.
 * At an address that is nobody's the page comes as well, with 404: the app says in words that there is none, and where to go.
 */
export function serveApp({ folder, publicUrl, providerIssuer, front }: ServedApp): {
  readonly mounts: readonly Mount[];
  readonly showMissing: Mount['handle'];
} {
  const app = builtApp(folder);
  const headers = pageHeaders(publicUrl, providerIssuer);

  async function showPage(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const page = await app.page();
    if (page) return send(request, response, page, { ...headers, 'cache-control': 'no-cache' });
    if (front && pathOf(request) === '/') {
      const lang = new URL(request.url ?? '/', publicUrl).searchParams.get('lang') ?? undefined;
      const shown = await front(request.headers as Headers, lang);
      response.writeHead(shown.status, { 'content-type': 'text/html; charset=utf-8', ...shown.headers });
      response.end(request.method === 'HEAD' ? undefined : String(shown.body));
      return;
    }
    response.writeHead(503, { ...headers, 'retry-after': '10' }).end(request.method === 'HEAD' ? undefined : notBuilt);
  }

  async function showMissing(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const page = await app.page();
    if (page) return send(request, response, page, headers, 404);
    response.writeHead(404, headers).end(request.method === 'HEAD' ? undefined : notBuilt);
  }

  async function showFile(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = pathOf(request).slice(1);
    const file = await app.file(path);
    if (!file) return void response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end();
    const cache = path.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
    send(request, response, file, {
      'content-type': file.type,
      'cache-control': cache,
      'cross-origin-resource-policy': 'same-origin',
      // an image that is opened by itself is a page too
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    });
  }

  const reading = (show: typeof showPage) => async (request: IncomingMessage, response: ServerResponse) => {
    if (request.method === 'GET' || request.method === 'HEAD') return show(request, response);
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
  };
  const mounts: readonly Mount[] = [
    { path: '/', only: true, handle: reading(showPage) },
    ...sections.flatMap((section): Mount[] => [
      { path: `/${section}`, only: true, handle: reading(showPage) },
      { path: `/${section}`, handle: reading(showPage) },
    ]),
    { path: '/assets', handle: reading(showFile) },
    ...rootFiles.map((name): Mount => ({ path: `/${name}`, only: true, handle: reading(showFile) })),
  ];
  return { mounts, showMissing };
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  file: BuiltFile,
  headers: Readonly<Record<string, string>>,
  status = 200,
) {
  const shared = { ...headers, etag: file.etag, vary: 'Accept-Encoding' };
  if (status === 200 && request.headers['if-none-match']?.split(/,\s*/).includes(file.etag))
    return void response.writeHead(304, shared).end();
  const [encoding, bytes] = encoded(file, String(request.headers['accept-encoding'] ?? ''));
  response.writeHead(status, { ...shared, ...(encoding ? { 'content-encoding': encoding } : {}), 'content-length': String(bytes.length) });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

function encoded(file: BuiltFile, accepted: string): [encoding: string | undefined, bytes: Buffer] {
  const takes = (name: string): boolean =>
    new RegExp(`(?:^|[\\s,])${name}(?!\\s*;\\s*q=0(?:\\.0*)?(?:[\\s,]|$))(?:[\\s,;]|$)`).test(accepted);
  if (file.br && takes('br')) return ['br', file.br];
  if (file.gzip && takes('gzip')) return ['gzip', file.gzip];
  return [undefined, file.bytes];
}

function pathOf({ url = '/' }: IncomingMessage): string {
  const end = url.search(/[?#]/);
  return end < 0 ? url : url.slice(0, end);
}
