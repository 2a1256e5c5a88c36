import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const web = fileURLToPath(new URL('..', import.meta.url));
const languages = ['nb', 'nn', 'en'] as const;
/** Folders with texts: `ui`, which every page has, and those whose texts come with their pages. */
const areas = globSync('*/texts/nb.json', { cwd: web })
  .map((path) => path.split('/')[0]!)
  .sort();
const read = (area: string, language: string): Record<string, string> =>
  JSON.parse(readFileSync(join(web, `${area}/texts/${language}.json`), 'utf8'));
const texts = Object.fromEntries(
  languages.map((language) => [language, Object.assign({}, ...areas.map((area) => read(area, language))) as Record<string, string>]),
) as Record<(typeof languages)[number], Record<string, string>>;
const sources = globSync('**/*.{ts,tsx}', { cwd: web, exclude: (path) => path.startsWith('dist') })
  .filter((path) => !path.endsWith('.test.ts'))
  .map((path) => ({ path, text: readFileSync(join(web, path), 'utf8') }));

const stem = (key: string): string => key.replace(/_(?:one|other)$/, '');
const slotsOf = (text: string): string[] => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((found) => found[1]!).sort();

test('given the three languages, when their texts are compared, then each says everything, with the same slots', () => {
  for (const language of ['nn', 'en'] as const) {
    for (const area of areas) assert.deepEqual(Object.keys(read(area, language)), Object.keys(read(area, 'nb')), `${area} ${language}`);
    for (const [key, text] of Object.entries(texts[language])) {
      assert.deepEqual(slotsOf(text), slotsOf(texts.nb[key]!), `${language} ${key}`);
      assert.match(text, /\S/, `${language} ${key}`);
    }
  }
});

test('given a text that counts, when it is looked up, then it has both its forms', () => {
  const counting = Object.keys(texts.nb).filter((key) => stem(key) !== key);
  for (const key of counting) for (const form of ['one', 'other']) assert.ok(texts.nb[`${stem(key)}_${form}`], `${stem(key)}_${form}`);
});

test('given the pages, when they ask for texts, then none is missing and none is left over', () => {
  const known = new Set(Object.keys(texts.nb).map(stem));
  const asked = new Set(sources.flatMap(({ text }) => [...text.matchAll(/\bt\(\s*'([^']+)'/g)].map((found) => found[1]!)));
  const conditional = sources.flatMap(({ text }) => [...text.matchAll(/[?:] '([a-z]+\.[A-Za-z]+)'/g)].map((found) => found[1]!));
  for (const key of conditional) if (known.has(key)) asked.add(key);
  const patterns = sources
    .flatMap(({ text }) => [...text.matchAll(/\bt\(\s*`([^`]+)`/g)].map((found) => found[1]!))
    .map(
      (made) =>
        new RegExp(
          `^${made
            .split(/\$\{[^}]+\}/)
            .map(escaped)
            .join('[A-Za-z0-9-]+')}$`,
        ),
    );

  assert.deepEqual(
    [...asked].filter((key) => !known.has(key)),
    [],
  );
  assert.deepEqual(
    [...known].filter((key) => !asked.has(key) && !patterns.some((pattern) => pattern.test(key))),
    [],
  );
  for (const pattern of patterns)
    assert.ok(
      [...known].some((key) => pattern.test(key)),
      String(pattern),
    );
});

test('given a page, when it and all that it is made of ask for texts, then these are of every page or come with it', () => {
  const areaOf = new Map(areas.flatMap((area) => Object.keys(read(area, 'nb')).map((key) => [stem(key), area] as const)));
  const textOf = new Map(sources.map(({ path, text }) => [path, text]));
  const pages = sources.flatMap(({ path, text }) =>
    [...text.matchAll(/((?:withTexts\('\w+', )*)import\('(\.[^']+\.tsx?)'\)/g)].map((found) => ({
      page: join(dirname(path), found[2]!),
      brought: [...found[1]!.matchAll(/'(\w+)'/g)].map((name) => name[1]!),
    })),
  );
  assert.ok(pages.length > 20);
  for (const { page, brought } of [...pages, { page: 'main.tsx', brought: [] }]) {
    const isHere = (key: string): boolean => ['ui', ...brought].includes(areaOf.get(key)!);
    const missing = madeOf(page, textOf).flatMap((path) => {
      const asked = [...textOf.get(path)!.matchAll(/'([a-z]+\.[\w.-]+)'/g)].map((found) => found[1]!).filter((key) => areaOf.has(key));
      const begun = [...textOf.get(path)!.matchAll(/\bt\(\s*`([a-z]+\.[^`$]*)\$/g)].map((found) => found[1]!);
      const made = begun.flatMap((begins) => [...areaOf.keys()].filter((key) => key.startsWith(begins)));
      return [...new Set([...asked, ...made])].filter((key) => !isHere(key)).map((key) => `${path} asks for ${key}`);
    });
    assert.deepEqual(missing, [], page);
  }
});

/** A file with all that it imports at once; what comes later brings its own texts. */
function madeOf(path: string, textOf: ReadonlyMap<string, string>, found = new Set<string>()): string[] {
  if (found.has(path) || !textOf.has(path)) return [...found];
  found.add(path);
  for (const [, other] of textOf.get(path)!.matchAll(/ from '(\.[^']+\.tsx?)'/g)) madeOf(join(dirname(path), other!), textOf, found);
  return [...found];
}

test('given texts in two folders, when their keys are compared, then none is in both', () => {
  const keys = areas.flatMap((area) => Object.keys(read(area, 'nb')));
  assert.equal(new Set(keys).size, keys.length);
});

function escaped(text: string): string {
  return text.replace(/[.*+?^$()|[\]\\]/g, '\\$&');
}
