/** The few words of our own on a letter, in its language. */
interface Words {
  readonly locale: string;
  readonly from: string;
  readonly to: string;
  readonly date: string;
  readonly reference: string;
  readonly enclosed: string;
  readonly dateOf: (at: Date) => string;
  readonly pageOf: (page: number, pages: number) => string;
}

const dateIn = (locale: string) => (at: Date) => new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'Europe/Oslo' }).format(at);

const words: Readonly<Record<string, Words>> = {
  nb: {
    locale: 'nb-NO',
    from: 'Fra',
    to: 'Til',
    date: 'Dato',
    reference: 'Referanse',
    enclosed: 'Vedlegg',
    dateOf: dateIn('nb-NO'),
    pageOf: (page, pages) => `Side ${page} av ${pages}`,
  },
  nn: {
    locale: 'nn-NO',
    from: 'Frå',
    to: 'Til',
    date: 'Dato',
    reference: 'Referanse',
    enclosed: 'Vedlegg',
    dateOf: dateIn('nn-NO'),
    pageOf: (page, pages) => `Side ${page} av ${pages}`,
  },
  en: {
    locale: 'en-GB',
    from: 'From',
    to: 'To',
    date: 'Date',
    reference: 'Reference',
    enclosed: 'Enclosed',
    dateOf: dateIn('en-GB'),
    pageOf: (page, pages) => `Page ${page} of ${pages}`,
  },
};

/** Bokmål for a language that we have no words in. */
export function wordsOf(language: string): Words {
  return words[language.toLowerCase().slice(0, 2)] ?? words.nb!;
}
