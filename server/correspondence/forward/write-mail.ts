import { plainTextOf } from './plain-text.ts';

/** What a forwarded letter consists of. */
export interface ForwardedLetter {
  readonly language: string;
  readonly title: string;
  /** Markdown. */
  readonly body: string;
  /** The reader's own words. */
  readonly words: string | null;
  readonly files: readonly { readonly fileName: string; readonly address: string }[];
  readonly filesUntil: Date;
}

const filesHeading: Readonly<Record<string, string>> = {
  nb: 'Vedlegg. Lenkene kan åpnes noen få ganger, til og med {date}:',
  nn: 'Vedlegg. Lenkjene kan opnast nokre få gonger, til og med {date}:',
  en: 'Attachments. The links can be opened a few times, until {date}:',
};
const locales: Readonly<Record<string, string>> = { nb: 'nb-NO', nn: 'nn-NO', en: 'en-GB' };

/**
 * Pure. Subject and text of the mail by which a letter is sent on: the reader's words, a line, the letter as plain text, and a link
 * for each file. Source: compatibility.md, correspondence, §8.5.
 */
export function writeForwardedMail(letter: ForwardedLetter): { readonly subject: string; readonly body: string } {
  const { title, body, words, files } = letter;
  const language = letter.language.toLowerCase() in filesHeading ? letter.language.toLowerCase() : 'nb';
  const paragraphs = [
    ...(words?.trim() ? [words.trim(), '---'] : []),
    plainTextOf(body),
    ...(files.length > 0
      ? [
          '---',
          filesHeading[language]!.replace('{date}', dateOf(letter.filesUntil, language)),
          ...files.map(({ fileName, address }) => `${fileName}\n${address}`),
        ]
      : []),
  ];
  return { subject: oneLine(title), body: paragraphs.join('\n\n') };
}

function dateOf(at: Date, language: string): string {
  return new Intl.DateTimeFormat(locales[language], { dateStyle: 'long', timeZone: 'Europe/Oslo' }).format(at);
}

/** A subject is a header: nothing in it may begin a new line. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}
