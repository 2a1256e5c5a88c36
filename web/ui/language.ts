import i18next from 'i18next';
import { initReactI18next, useTranslation } from 'react-i18next';
import nb from './texts/nb.json';

/** What every page may say lies in `ui/texts`; what only the pages of a folder say, in its own `texts`, and comes with them. */
const files = import.meta.glob<Readonly<Record<string, string>>>(['../*/texts/*.json', '!../ui/texts/nb.json'], { import: 'default' });

export const languages = ['nb', 'nn', 'en'] as const;
export type Language = (typeof languages)[number];

type Plain<Key extends string> = Key extends `${infer Stem}_${'one' | 'other'}` ? Stem : Key;
type KeysOf<Texts> = Plain<keyof Texts & string>;
/** What can be said. Texts that count have two forms, and are asked for by their stem. A folder with texts of its own adds a line here. */
export type TextKey =
  | KeysOf<typeof nb>
  | KeysOf<typeof import('../home/texts/nb.json')>
  | KeysOf<typeof import('../files/texts/nb.json')>
  | KeysOf<typeof import('../operator/texts/nb.json')>
  | KeysOf<typeof import('../sandbox/texts/nb.json')>
  | KeysOf<typeof import('../refusals/texts/nb.json')>
  | KeysOf<typeof import('../letter/texts/nb.json')>
  | KeysOf<typeof import('../access/texts/nb.json')>
  | KeysOf<typeof import('../coverage/texts/nb.json')>
  | KeysOf<typeof import('../addresses/texts/nb.json')>
  | KeysOf<typeof import('../notices/texts/nb.json')>
  | KeysOf<typeof import('../console/texts/nb.json')>
  | KeysOf<typeof import('../mailings/texts/nb.json')>
  | KeysOf<typeof import('../services/texts/nb.json')>
  | KeysOf<typeof import('../figures/texts/nb.json')>
  | KeysOf<typeof import('../connections/texts/nb.json')>;
export type Say = (key: TextKey, values?: Readonly<Record<string, string | number>>) => string;

const storeKey = 'budstikke.language';
/**
 * For numbers, dates and order. Chromium knows no nynorsk and would fall back on whatever its own language is; numbers, months and order are
 * the same in bokmål. Words that are not stand in `dates.ts`.
 */
export const locales: Readonly<Record<Language, string>> = { nb: 'nb-NO', nn: 'nb-NO', en: 'en-GB' };

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

/** Folders whose texts were asked for, and which of them are here: `operator nn`. */
const areas = new Set<string>(['ui']);
const here = new Set<string>(['ui nb']);

/** Brings the texts of a folder, in the language that is spoken, with the page that needs them. */
export async function withTexts<Page>(area: string, page: Promise<Page>): Promise<Page> {
  areas.add(area);
  const [loaded] = await Promise.all([page, bring(area, i18next.language as Language)]);
  return loaded;
}

async function bring(area: string, language: Language): Promise<void> {
  const name = `${area} ${language}`;
  if (here.has(name)) return;
  // Vite names what lies in this folder from here, whatever the pattern says.
  const path = area === 'ui' ? `./texts/${language}.json` : `../${area}/texts/${language}.json`;
  i18next.addResourceBundle(language, 'translation', await files[path]!(), true, true);
  here.add(name);
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
  await Promise.all([...areas].map((area) => bring(area, language)));
  if (number !== asked) return;
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

function chosenBefore(): Language | null {
  const stored = localStorage.getItem(storeKey);
  return languages.find((each) => each === stored) ?? null;
}

/**
 * What was chosen here, or what the browser was made to ask for: it counts more than the register does. That a browser asks for bokmål
 * says little, since it does so for most who write nynorsk, too.
 */
export function wishedHere(): Language | null {
  const spoken = ofBrowser();
  return chosenBefore() ?? (spoken === 'nb' ? null : spoken);
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
