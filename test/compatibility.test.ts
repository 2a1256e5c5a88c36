import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { printOpenapi } from '../server/app.ts';
import { correspondenceErrors } from '../server/correspondence/errors.ts';

/** The rows of docs/compatibility, held against the code: what they name is there, and what is there has its row. */

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Row {
  /** Page and line, for whoever mends it. */
  readonly at: string;
  readonly section: string;
  readonly sees: string;
  readonly verdict: string;
  readonly why: string;
  readonly proof: string;
}

const pages = globSync('docs/compatibility/*.md', { cwd: root })
  .filter((path) => !path.endsWith('README.md'))
  .sort();

const lines = pages.flatMap((page) =>
  read(page)
    .split('\n')
    .map((text, i) => ({ at: `${page}:${i + 1}`, text }))
    .filter(({ text }) => text.startsWith('|') && !/^\|(?:---| section )/.test(text)),
);
const cellsOf = (text: string): string[] => text.split('|').map((cell) => cell.trim());
const rows = lines.map(({ at, text }): Row => {
  const [, section = '', sees = '', verdict = '', why = '', proof = ''] = cellsOf(text);
  return { at, section, sees, verdict, why, proof };
});

/** `METHOD /path` in a row or of the document; what stands in braces may have any name. */
const nameOf = (method: string, path: string): string => `${method} ${path.replaceAll(/\{\w+\}/g, '{}').toLowerCase()}`;
const operationsIn = ({ sees }: Row): string[] =>
  [...sees.matchAll(/`(GET|POST|PUT|PATCH|DELETE) (\/[^` ]*)`/g)].map(([, method, path]) => nameOf(method!, path!));

/** Paths of the original's products. */
const originals = /^\S+ \/(?:correspondence|broker|dialogporten|events|authentication|accessmanagement|resourceregistry|authorization)\//;
const methods = new Set(['get', 'post', 'put', 'patch', 'delete']);
const { paths } = JSON.parse(await printOpenapi()) as { paths: Record<string, object> };
const operations = new Set(
  Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((method) => methods.has(method))
      .map((method) => nameOf(method.toUpperCase(), path)),
  ),
);

const titleCall = /\btest\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/g;
const titlesOf = (path: string): string[] => [...read(path).matchAll(titleCall)].map(([, , title]) => title!.replaceAll("\\'", "'"));

const proofsOf = ({ proof }: Row): string[] => (proof === '–' ? [] : proof.split('<br>'));

/** What is wrong with a proof; undefined when the test is there. */
function wrongWith(proof: string): string | undefined {
  const [, path, words] = /^`(\S+\.test\.ts) › (.+)`$/.exec(proof) ?? [];
  if (path === undefined || words === undefined) return `${proof} is not "path › words of a title"`;
  if (words.split(/\s+/).length < 3) return `${words}: so few words prove nothing`;
  if (!existsSync(join(root, path))) return `there is no ${path}`;
  return titlesOf(path).some((title) => title.includes(words)) ? undefined : `${path} has no title with "${words}"`;
}

test('given the rows of compatibility, when they are read, then each has its cells, a verdict of the four, and a reason where it is not the same', () => {
  assert.ok(rows.length > 300, `${rows.length} rows`);
  const verdicts = new Set(['same', 'better', 'different', 'not here']);
  const wrong = rows.filter(({ at, sees, verdict, why }, i) => {
    const hasCells = cellsOf(lines[i]!.text).length === 7;
    return !hasCells || sees === '' || !verdicts.has(verdict) || (verdict !== 'same' && why === '') || at === '';
  });
  assert.deepEqual(
    wrong.map(({ at }) => at),
    [],
  );
});

test('given the rows of compatibility, when their proofs are looked up, then each names a test that is there, and only what is not here has none', () => {
  const wrong = rows.flatMap((row) =>
    proofsOf(row)
      .flatMap((proof) => wrongWith(proof) ?? [])
      .map((what) => `${row.at}: ${what}`),
  );
  assert.deepEqual(wrong, []);
  const unproven = rows.filter((row) => row.verdict !== 'not here' && proofsOf(row).length === 0);
  assert.deepEqual(
    unproven.map(({ at }) => at),
    [],
  );
});

test('given the operations of the original that are served, when the rows are looked through, then each has one, and none names an operation that is not there', () => {
  const named = rows.flatMap((row) => operationsIn(row).map((operation) => ({ operation, row })));
  const counts = Map.groupBy(named, ({ operation }) => operation);
  const without = [...operations].filter((operation) => originals.test(operation) && counts.get(operation)?.length !== 1);
  assert.deepEqual(without, [], 'these have no row, or several');

  const untrue = named.filter(({ operation, row }) => operations.has(operation) === (row.verdict === 'not here'));
  assert.deepEqual(
    untrue.map(({ operation, row }) => `${row.at}: ${operation}`),
    [],
  );
});

test('given the codes of the catalogue, when the rows are looked through, then each stands in one', () => {
  const said = rows.map(({ sees, why }) => `${sees} ${why}`).join('\n');
  const numbers = new Set(said.match(/\b\d{4}\b/g));
  for (const [, from, to] of said.matchAll(/\b(\d{4}) to (\d{4})\b/g))
    for (let code = Number(from); code <= Number(to); code++) numbers.add(String(code));
  const missing = Object.values(correspondenceErrors).filter(({ code, origin }) => origin === 'altinn' && !numbers.has(String(code)));
  assert.deepEqual(
    missing.map(({ code }) => code),
    [],
  );
});

/** `correspondence 4.6`: the sections of compatibility.md, by part. */
const [, ...partsAndBodies] = read('docs/compatibility.md').split(/^# (\w+)$/m);
const parts = partsAndBodies.filter((_, i) => i % 2 === 0).slice(1);
const sections = new Set(
  partsAndBodies.flatMap((part, i) => {
    if (i % 2 === 1) return [];
    return [...partsAndBodies[i + 1]!.matchAll(/^##+ (\d+(?:\.\d+b?)?)\.? /gm)].map(([, number]) => `${part} ${number}`);
  }),
);

test('given the sections that rows name, when compatibility.md is read, then it has each, and none that clients meet is without a row', () => {
  const inFull = ({ section }: Row): string =>
    section.replace(/^C /, 'correspondence ').replace(/^P /, 'platform ').replace(/^B /, 'broker ');
  assert.deepEqual(
    rows.filter((row) => !sections.has(inFull(row))).map(({ at, section }) => `${at}: ${section}`),
    [],
  );

  const counted = new Set(rows.map(inFull));
  const spoken = [...sections].filter((section) => /^(?:correspondence|broker|platform) \d+\.\d/.test(section));
  assert.deepEqual(
    spoken.filter((section) => !counted.has(section)),
    [],
    'sections without a row',
  );
});

test('given the sections that the code points to, when compatibility.md is read, then it has each', () => {
  const files = globSync('{server,test}/**/*.ts', { cwd: root });
  const cited = files.flatMap((path) => {
    const text = read(path).replaceAll(/\s*\n\s*(?:\*|\/\/)?\s*/g, ' ');
    return [...text.matchAll(/compatibility\.md((?:[,;:] | and |-|–|[a-z]+ ?|§?\d+(?:\.\d+)?b?|\([^)]*\))+)/g)].flatMap(([, list]) =>
      citedIn(list!).map((section) => ({ path, section })),
    );
  });
  assert.ok(cited.length > 200, `${cited.length} sections are cited`);
  assert.deepEqual(
    cited.filter(({ section }) => !sections.has(section)).map(({ path, section }) => `${path}: ${section}`),
    [],
  );
});

/** `, correspondence, §1.4 and §1.5` → both, where the page has the part. */
function citedIn(list: string): string[] {
  let part = '';
  return [...list.matchAll(/(?:([a-z]+),? )?§(\d+(?:\.\d+b?)?)/g)].flatMap(([, word, number]) => {
    if (word !== undefined && word !== 'and') part = word;
    return parts.includes(part) ? [`${part} ${number}`] : [];
  });
}
