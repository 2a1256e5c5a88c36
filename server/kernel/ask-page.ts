import { Refusal } from './refusal.ts';
import { Reply } from './route.ts';

/** Headers of a page that runs nothing, shows nothing from elsewhere, and does not pass its address, which is a secret, on. */
export const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

/** A page that stands alone. What is given is HTML of ours. */
export function page(title: string, content: string, language: 'nb' | 'nn' | 'en' = 'nb'): string {
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title></head>
<body><main><h1>${title}</h1>${content}</main></body></html>
`;
}

/**
 * What a link of a mail shows. Where it is good no more a browser gets a page too, in each language, since it is not known any more whose it was;
 * programs get the refusal as it is.
 */
export async function replyWithPage(accept: string | undefined, write: () => Promise<string>): Promise<Reply> {
  try {
    return new Reply(200, await write(), pageHeaders);
  } catch (error) {
    if (!(error instanceof Refusal) || error.row.status !== 404 || !accept?.includes('text/html')) throw error;
    return new Reply(404, noMorePage, pageHeaders);
  }
}

const noMorePage = page(
  'Lenken gjelder ikke lenger',
  `<p>Den er mer enn en uke gammel, eller adressen er fjernet. Be virksomheten som spurte deg, legge inn adressen på nytt. Da får du en ny lenke.</p>
<section lang="nn"><h2>Lenka gjeld ikkje lenger</h2>
<p>Ho er meir enn ei veke gammal, eller adressa er fjerna. Be verksemda som spurde deg, leggje inn adressa på nytt. Då får du ei ny lenke.</p></section>
<section lang="en"><h2>The link is no longer valid</h2>
<p>It is more than a week old, or the address has been removed. Ask the organization that asked you to enter the address again. Then you get a new link.</p></section>`,
);
