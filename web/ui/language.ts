import i18next from 'i18next';
import { initReactI18next, useTranslation } from 'react-i18next';
import nb from './texts/nb.json';

export const languages = ['nb', 'nn', 'en'] as const;
export type Language = (typeof languages)[number];

type Plain<Key extends string> = Key extends `${infer Stem}_${'one' | 'other'}` ? Stem : Key;
/** What can be said. Texts that count have two forms, and are asked for by their stem. */
export type TextKey = Plain<keyof typeof nb & string>;
export type Say = (key: TextKey, values?: Readonly<Record<string, string | number>>) => string;

const storeKey = 'budstikke.language';
const loaders = { nn: () => import('./texts/nn.json'), en: () => import('./texts/en.json') } as const;
export const locales: Readonly<Record<Language, string>> = { nb: 'nb-NO', nn: 'nn-NO', en: 'en-GB' };

/** Begins in the language that was chosen here before, else the browser's, else bokmål. */
export async function startLanguage(): Promise<void> {
  await i18next.use(initReactI18next).init({
    resources: { nb: { translation: nb } },
    lng: 'nb',
    fallbackLng: 'nb',
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
    showSupportNotice: false,
  } as Parameters<typeof i18next.init>[0]);
  await speak(chosenBefore() ?? ofBrowser());
}

let asked = 0;

/**
 * Says everything in this language from now on, and remembers it when somebody chose it. Whatever was asked for last counts,
 * also when an earlier language takes longer to come.
 */
export async function speak(language: Language, choice = false): Promise<void> {
  asked += 1;
  const number = asked;
  if (choice) localStorage.setItem(storeKey, language);
  if (language !== 'nb' && !i18next.hasResourceBundle(language, 'translation')) {
    i18next.addResourceBundle(language, 'translation', (await loaders[language]()).default);
  }
  if (number !== asked) return;
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

export function chosenBefore(): Language | null {
  const stored = localStorage.getItem(storeKey);
  return languages.find((each) => each === stored) ?? null;
}

function ofBrowser(): Language {
  for (const wanted of navigator.languages) {
    const [first] = wanted.toLowerCase().split('-');
    if (first === 'no') return 'nb';
    const found = languages.find((each) => each === first);
    if (found) return found;
  }
  return 'nb';
}

export function useText(): { readonly t: Say; readonly language: Language } {
  const { t, i18n } = useTranslation();
  return { t: t as unknown as Say, language: i18n.language as Language };
}
