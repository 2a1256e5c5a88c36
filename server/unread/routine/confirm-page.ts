import { page } from '#kernel/ask-page.ts';
import type { Party } from '#register/index.ts';
import { routineTexts } from './texts.ts';

/** What the link in the mail shows. Only its button confirms: programs that look through mail follow links, and press nothing. */
export function askPage(language: Party['language']): string {
  const { title, question, button } = routineTexts[language].page;
  return page(title, `<p>${question}</p>\n<form method="post"><button type="submit">${button}</button></form>`, language);
}

export function confirmedPage(language: Party['language']): string {
  const { title, next } = routineTexts[language].confirmed;
  return page(title, `<p>${next}</p>`, language);
}
