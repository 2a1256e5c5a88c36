import { page } from '#kernel/ask-page.ts';

/** What the link in the mail shows. Only its button confirms: programs that look through mail follow links, and press nothing. */
export const askPage = page(
  'Oversikt over ulest post',
  `<p>En virksomhet vil sende oversikt over ulest post til e-postadressen din. Bekreft bare hvis du kjenner til det.</p>
<form method="post"><button type="submit">Bekreft adressen</button></form>`,
);

export const confirmedPage = page('Adressen er bekreftet', '<p>Du får oversikten fra neste gang.</p>');
