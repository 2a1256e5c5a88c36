import { page } from '#kernel/ask-page.ts';

/** What the link shows. Only its button confirms: programs that look through mail follow links, and press nothing. */
export const askPage = page(
  'Beskjed om ulest post',
  `<p>En virksomhet vil at du også får beskjed om post som ikke er åpnet. Bekreft bare hvis du kjenner til det.</p>
<form method="post"><button type="submit">Bekreft adressen</button></form>`,
);

export const confirmedPage = page('Adressen er bekreftet', '<p>Du får beskjed fra neste gang.</p>');
