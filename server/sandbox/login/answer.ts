import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Reply } from '#kernel/route.ts';
import { chooseLanguage, type Language } from '../pages/language.ts';

/** Writes a page as the whole answer. */
export function answerWith(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, { ...headers }).end(body as string);
}

/** The language of a page: chosen on it, else wished for by the service, else by the browser. */
export function languageOf(request: IncomingMessage, uiLocales?: unknown): Language {
  const chosen = queryOf(request).get('lang') ?? (typeof uiLocales === 'string' ? uiLocales.split(' ')[0] : undefined);
  return chooseLanguage(chosen, request.headers['accept-language']);
}

export function queryOf({ url = '' }: IncomingMessage): URLSearchParams {
  const start = url.indexOf('?');
  return new URLSearchParams(start < 0 ? '' : url.slice(start + 1));
}

/** A form as a browser sends it, at most 16 KiB; undefined for anything else. */
export async function formOf(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  if (!/^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? '')) return undefined;
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > 16 * 1024) return undefined;
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}
