import { page } from '#kernel/ask-page.ts';
import type { Party } from '#register/index.ts';

const texts = {
  nb: {
    title: 'Beskjed om ulest post',
    question: 'En virksomhet vil at du også får beskjed om post som ikke er åpnet. Bekreft bare hvis du kjenner til det.',
    button: 'Bekreft adressen',
    confirmed: 'Adressen er bekreftet',
    next: 'Du får beskjed fra neste gang.',
  },
  nn: {
    title: 'Beskjed om ulesen post',
    question: 'Ei verksemd vil at du òg får beskjed om post som ikkje er opna. Stadfest berre om du kjenner til det.',
    button: 'Stadfest adressa',
    confirmed: 'Adressa er stadfest',
    next: 'Du får beskjed frå neste gong.',
  },
  en: {
    title: 'Word of unread post',
    question: 'An organization would like you, too, to be told of post that has not been opened. Confirm only if you know of it.',
    button: 'Confirm the address',
    confirmed: 'The address is confirmed',
    next: 'You are told from next time.',
  },
} as const;

/** What the link shows. Only its button confirms: programs that look through mail follow links, and press nothing. */
export function askPage(language: Party['language']): string {
  const { title, question, button } = texts[language];
  return page(title, `<p>${question}</p>\n<form method="post"><button type="submit">${button}</button></form>`, language);
}

export function confirmedPage(language: Party['language']): string {
  const { confirmed, next } = texts[language];
  return page(confirmed, `<p>${next}</p>`, language);
}
