/** Headers of a page that runs nothing, shows nothing from elsewhere, and does not pass its address, which is a secret, on. */
export const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="nb"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title></head>
<body><main><h1>${title}</h1>${content}</main></body></html>
`;
}

/** What the link in the mail shows. Only its button confirms: programs that look through mail follow links, and press nothing. */
export const askPage = page(
  'Oversikt over ulest post',
  `<p>En virksomhet vil sende oversikt over ulest post til e-postadressen din. Bekreft bare hvis du kjenner til det.</p>
<form method="post"><button type="submit">Bekreft adressen</button></form>`,
);

export const confirmedPage = page('Adressen er bekreftet', '<p>Du får oversikten fra neste gang.</p>');
