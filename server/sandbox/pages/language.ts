export const languages = ['nb', 'nn', 'en'] as const;
export type Language = (typeof languages)[number];

/** Names of languages, each in itself. */
export const languageNames: Readonly<Record<Language, string>> = { nb: 'Bokmål', nn: 'Nynorsk', en: 'English' };

/** What was chosen by `?lang=`, else the best of `Accept-Language` (RFC 9110 §12.5.4), else bokmål. */
export function chooseLanguage(chosen: string | undefined, acceptLanguage: string | undefined): Language {
  return known(chosen ?? '') ?? accepted(acceptLanguage ?? '') ?? 'nb';
}

function accepted(header: string): Language | undefined {
  const wishes = header
    .slice(0, 1000)
    .split(',')
    .map((wish) => {
      const [tag, ...parameters] = wish.split(';').map((part) => part.trim());
      const weight = parameters.find((parameter) => parameter.startsWith('q='));
      return { language: known(tag!), weight: weight ? Number(weight.slice(2)) : 1 };
    })
    .filter((wish) => wish.language && wish.weight > 0);
  return wishes.sort((a, b) => b.weight - a.weight)[0]?.language;
}

function known(tag: string): Language | undefined {
  const primary = tag.toLowerCase().split('-')[0];
  return primary === 'no' ? 'nb' : languages.find((language) => language === primary);
}
