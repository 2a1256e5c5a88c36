import type { ContentValue, Localizations } from '../wire/parts.ts';

/** What an inbox reads beside the letter's own words. Source: compatibility.md, correspondence, §4.10. */
export const dialogTexts = {
  confirm: { nb: 'Bekreft', nn: 'Stadfest', en: 'Confirm' },
  delete: { nb: 'Slett', nn: 'Slett', en: 'Delete' },
  deletePrompt: {
    nb: 'Er du sikker på at du vil slette meldingen? Den kan ikke hentes tilbake.',
    nn: 'Er du sikker på at du vil slette meldinga? Ho kan ikkje hentast tilbake.',
    en: 'Are you sure that you want to delete the message? It cannot be brought back.',
  },
  allAttachments: { nb: 'Alle vedlegg', nn: 'Alle vedlegg', en: 'All attachments' },
  forwarded: { nb: 'Meldingen er sendt videre.', nn: 'Meldinga er send vidare.', en: 'The message was sent on.' },
  emailSent: { nb: 'Varsel er sendt på e-post.', nn: 'Varsel er sendt på e-post.', en: 'A notification was sent by e-mail.' },
  smsSent: { nb: 'Varsel er sendt på SMS.', nn: 'Varsel er sendt på SMS.', en: 'A notification was sent by SMS.' },
  emailFailed: {
    nb: 'Varsel på e-post kunne ikke leveres.',
    nn: 'Varsel på e-post kunne ikkje leverast.',
    en: 'A notification by e-mail could not be delivered.',
  },
  smsFailed: {
    nb: 'Varsel på SMS kunne ikke leveres.',
    nn: 'Varsel på SMS kunne ikkje leverast.',
    en: 'A notification by SMS could not be delivered.',
  },
} as const;

/** Pure. A text in each language. */
export function inAll(text: Readonly<Record<'nb' | 'nn' | 'en', string>>): Localizations {
  return (['nb', 'nn', 'en'] as const).map((languageCode) => ({ languageCode, value: text[languageCode] }));
}

/** Pure. That a file was fetched, by its name. */
export function downloadStarted(fileName: string): Localizations {
  return inAll({
    nb: `Nedlasting av ${fileName} er startet.`,
    nn: `Nedlasting av ${fileName} er starta.`,
    en: `Download of ${fileName} was started.`,
  });
}

/** Pure. The letter's own words, in its language. */
export function plain(language: string, value: string): ContentValue {
  return { value: [{ languageCode: language, value }], mediaType: 'text/plain', isAuthorized: true };
}

/** Pure. Where a body is fetched, which is what opening means. */
export function embedded(language: string, address: string): ContentValue {
  return {
    value: [{ languageCode: language, value: address }],
    mediaType: 'application/vnd.dialogporten.frontchannelembed+json;type=markdown',
    isAuthorized: true,
  };
}
