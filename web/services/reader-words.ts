import type { OwnService, ReaderWord } from '../api/services.ts';
import { locales, useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';

/** Who can open what is sent on a service, as a sentence. */
export function useReaderWords(): (readers: OwnService['readers']) => string {
  const { t, language } = useText();
  const either = new Intl.ListFormat(locales[language], { type: 'disjunction' });
  const both = new Intl.ListFormat(locales[language], { type: 'conjunction' });
  const wordOf = ({ kind, code, name }: ReaderWord): string => t(`reader.${kind}`, { name: plainly(name?.[language] ?? code ?? '', 80) });
  return ({ ways, more }) => {
    const said = ways.length === 0 ? t('reader.nobody') : either.format(ways.map((way) => both.format(way.map(wordOf))));
    const sentence = said.charAt(0).toLocaleUpperCase(locales[language]) + said.slice(1);
    return more ? `${sentence}. ${t('reader.more')}` : sentence;
  };
}
